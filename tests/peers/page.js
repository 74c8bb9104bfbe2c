// page.js URL WIDTH...: what a reader has of a page in headless Chromium, without script, in a window of each width in
// pixels; as JSON, one object for each.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const profile = mkdtempSync(join(tmpdir(), 'ims-page-'));
// Neither root nor a container has what Chromium shuts a page in with; this page is the tests' own.
const flags = ['--headless', '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run',
    '--remote-debugging-pipe', `--user-data-dir=${profile}`];
const browser = spawn('chromium', flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });

// The DevTools protocol: JSON with a NUL behind each message.
const waiting = new Map();
const events = [];
let [sent, received] = [0, ''];
browser.stdio[4].setEncoding('utf8').on('data', (text) => {
    received += text;
    for (let end; (end = received.indexOf('\0')) >= 0; received = received.slice(end + 1)) {
        const message = JSON.parse(received.slice(0, end));
        if (message.id === undefined) events.push(message);
        else waiting.get(message.id)(message);
    }
});
function call(method, params = {}, sessionId = undefined) {
    const id = ++sent;
    return new Promise((resolve, reject) => {
        waiting.set(id, ({ result, error }) => (error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result)));
        browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}

const SEEN = `({
    windowWidth: document.documentElement.clientWidth,
    pageWidth: document.documentElement.scrollWidth,
    text: document.body.innerText,
    html: document.documentElement.outerHTML,
    smallestFont: Math.min(...[...document.querySelectorAll('body *')].map((one) => parseFloat(getComputedStyle(one).fontSize))),
})`;

async function see(url, width) {
    const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
    const on = (method, params) => call(method, params, sessionId);
    await on('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: false });
    await on('Emulation.setScriptExecutionDisabled', { value: true });
    await Promise.all([on('Page.enable'), on('Log.enable')]);
    await on('Page.navigate', { url });
    while (!events.some((event) => event.sessionId === sessionId && event.method === 'Page.loadEventFired')) {
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { result } = await on('Runtime.evaluate', { expression: SEEN, returnByValue: true });
    const complaints = events
        .filter((event) => event.sessionId === sessionId && event.method === 'Log.entryAdded')
        .map((event) => event.params.entry.text);
    return { width, ...result.value, complaints };
}

async function main([url, ...widths]) {
    const seen = [];
    for (const width of widths) seen.push(await see(url, Number(width)));
    return seen;
}

main(process.argv.slice(2)).then(
    (seen) => console.log(JSON.stringify(seen)),
    (error) => { console.error(error.message); process.exitCode = 1; },
).finally(() => {
    browser.once('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
    browser.kill();
});
setTimeout(() => { console.error('chromium takes over a minute'); process.exit(1); }, 60_000).unref();
browser.once('error', (error) => { console.error(`chromium: ${error.message}`); process.exit(1); });
