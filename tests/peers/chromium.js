// Headless Chromium and its pages, by the DevTools protocol.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Neither root nor a container has what Chromium shuts a page in with; these pages are the tests' own.
const FLAGS = ['--headless', '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-quic', '--disable-sync',
    '--disable-background-networking', '--disable-component-update', '--no-first-run', '--remote-debugging-pipe'];

// Runs `work` with a browser, and ends the browser. An error, or more than `seconds`, ends the program with status 1.
export function withBrowser(seconds, work) {
    const profile = mkdtempSync(join(tmpdir(), 'ims-page-'));
    const browser = new Browser(profile);
    const failed = (text) => { console.error(`chromium: ${text}`); process.exit(1); };
    browser.process.once('error', (error) => failed(error.message));
    setTimeout(() => failed(`it takes over ${seconds} s`), seconds * 1000).unref();
    work(browser).catch((error) => { console.error(error.message); process.exitCode = 1; }).finally(() => {
        // Its processes may still write into the profile when the first of them has ended.
        browser.process.once('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
        browser.call('Browser.close').catch(() => browser.process.kill());
    });
}

class Browser {
    #waiting = new Map();
    #pages = new Map();
    #sent = 0;

    constructor(profile) {
        const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'];
        this.process = spawn('chromium', [...FLAGS, `--user-data-dir=${profile}`], { stdio });
        // JSON with a NUL behind each message.
        let received = '';
        this.process.stdio[4].setEncoding('utf8').on('data', (text) => {
            received += text;
            for (let end; (end = received.indexOf('\0')) >= 0; received = received.slice(end + 1)) {
                this.#take(JSON.parse(received.slice(0, end)));
            }
        });
    }

    #take(message) {
        if (message.id === undefined) this.#pages.get(message.sessionId)?.events.push(message);
        else this.#waiting.get(message.id)(message);
    }

    call(method, params = {}, sessionId = undefined) {
        const id = ++this.#sent;
        return new Promise((resolve, reject) => {
            this.#waiting.set(id, ({ result, error }) => (error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result)));
            this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
        });
    }

    // Opens an empty page in a window of `width` pixels.
    async open(width) {
        const { targetId } = await this.call('Target.createTarget', { url: 'about:blank' });
        const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true });
        const page = new Page(this, targetId, sessionId);
        this.#pages.set(sessionId, page);
        await page.on('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: false });
        await Promise.all(['Page', 'Log', 'Runtime', 'Network'].map((domain) => page.on(`${domain}.enable`)));
        return page;
    }
}

class Page {
    events = [];

    constructor(browser, targetId, sessionId) {
        Object.assign(this, { browser, targetId, sessionId });
    }

    on(method, params) {
        return this.browser.call(method, params, this.sessionId);
    }

    async load(url) {
        await this.on('Page.navigate', { url });
        while (!this.events.some((event) => event.method === 'Page.loadEventFired')) {
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
    }

    async evaluate(expression) {
        const { result, exceptionDetails } = await this.on('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        return result.value;
    }

    // What the console shows as an error or a warning.
    complaints() {
        return this.events.flatMap(({ method, params }) => {
            if (method === 'Log.entryAdded') return [params.entry.text];
            if (method === 'Runtime.exceptionThrown') return [params.exceptionDetails.exception?.description ?? params.exceptionDetails.text];
            const isComplaint = method === 'Runtime.consoleAPICalled' && ['error', 'warning'].includes(params.type);
            return isComplaint ? [params.args.map((one) => one.value ?? one.description).join(' ')] : [];
        });
    }

    requests() {
        return this.events.filter(({ method }) => method === 'Network.requestWillBeSent').map(({ params }) => params.request.url);
    }

    close() {
        return this.browser.call('Target.closeTarget', { targetId: this.targetId });
    }
}
