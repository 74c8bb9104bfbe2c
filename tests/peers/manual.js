// manual.js FOLDER VERSION [SCREENSHOTS]: looks at each page of the built manual in headless Chromium, at a desktop's width and a
// phone's, light and dark. Prints what is wrong, and fails if anything is. Writes screenshots into the third folder.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withBrowser } from './chromium.js';

const WIDTHS = [1280, 390];
// What a browser prefers, and the theme of mdBook that it gets.
const THEMES = { light: 'light', dark: 'navy' };
const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };
// Pages of mdBook's own: the table of contents for browsers without script, and all pages in one, which prints itself.
const OTHERS = ['toc.html', 'print.html'];

const [folder, version, screenshots] = process.argv.slice(2);

// By HTTP, because the page for addresses that do not exist names its files from the root.
const server = createServer((request, response) => {
    try {
        const { pathname } = new URL(request.url, 'http://localhost');
        const content = readFileSync(join(folder, pathname));
        response.writeHead(200, { 'content-type': TYPES[extname(pathname)] ?? 'application/octet-stream' }).end(content);
    } catch {
        response.writeHead(404).end();
    }
});

// Runs in the page; returns what a reader would complain of.
function look(version) {
    const faults = [];
    const shown = (text) => text.replace(/\s+/g, ' ').trim().slice(0, 60);
    const isSeen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 0;

    const title = document.querySelector('.menu-title');
    if (!title.textContent.endsWith(` ${version}`)) faults.push(`its title does not say ${version}: ${title.textContent}`);
    if (title.scrollWidth > title.clientWidth) faults.push('its title is cut off');

    // The page hides what is too wide, and does not scroll.
    const { left, right } = document.querySelector('main').getBoundingClientRect();
    for (const one of document.querySelectorAll('main *')) {
        if (!isSeen(one) || one.closest('.buttons, svg')) continue;
        const box = one.getBoundingClientRect();
        if (box.right > right + 1 || box.left < left - 1) faults.push(`<${one.localName}> is wider than the page: ${shown(one.textContent)}`);
        else if (one.matches('pre, pre > code, td, .table-wrapper') && one.scrollWidth > one.clientWidth + 1) {
            faults.push(`<${one.localName}> must be scrolled: ${shown(one.textContent)}`);
        }
    }

    // Contrast as WCAG 2 has it.
    const channels = (color) => {
        const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
        return [red, green, blue, alpha];
    };
    const over = ([red, green, blue, alpha], below) =>
        [red, green, blue].map((channel, index) => channel * alpha + below[index] * (1 - alpha));
    const luminance = (color) => {
        const [red, green, blue] = color.map((channel) => channel / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => {
        const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };
    const background = (one) => {
        const layers = [];
        for (let up = one; up; up = up.parentElement) {
            layers.unshift(channels(getComputedStyle(up).backgroundColor));
        }
        return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    // A pair of colours is named once, with the first text that has it.
    const pairs = new Set();
    const compare = (text, color, behind) => {
        const ratio = contrast(over(channels(color), behind), behind);
        const pair = `${color} on ${behind.map(Math.round)}`;
        if (ratio < 4.5 && !pairs.has(pair)) faults.push(`contrast ${ratio.toFixed(2)}, ${pair}: ${shown(text)}`);
        pairs.add(pair);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode());) {
        const one = text.parentElement;
        if (!text.data.trim() || one.closest('script, svg, noscript') || !isSeen(one)) continue;
        compare(text.data, getComputedStyle(one).color, background(one));
        if (parseFloat(getComputedStyle(one).fontSize) < 12) faults.push(`small letters: ${shown(text.data)}`);
    }

    for (const drawing of document.querySelectorAll('svg.drawing')) {
        const name = drawing.querySelector(':scope > title')?.textContent;
        const described = drawing.getAttribute('aria-labelledby')?.split(' ').map((id) => document.getElementById(id)?.textContent);
        if (!name || !described || !described.every(Boolean)) faults.push(`a drawing without title or description: ${name}`);
        const outer = drawing.getBoundingClientRect();
        const behind = background(drawing.parentElement);
        const boxes = [...drawing.querySelectorAll('rect')].map((rect) => ({ rect, box: rect.getBoundingClientRect() }));
        const words = [...drawing.querySelectorAll('text')].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect(), text_: text }));
        const scale = outer.width / drawing.viewBox.baseVal.width;
        for (const { text, box, text_ } of words) {
            const style = getComputedStyle(text_);
            const around = boxes.filter(({ box: other }) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top);
            const behindText = around.reduce((below, { rect }) => {
                const fill = getComputedStyle(rect);
                const [red, green, blue, alpha] = channels(fill.fill);
                return over([red, green, blue, alpha * fill.fillOpacity], below);
            }, behind);
            compare(text, style.fill, behindText);
            if (parseFloat(style.fontSize) * scale < 10) faults.push(`small letters in the drawing ${name}: ${text}`);
            const holds = [outer, ...around.map(({ box: other }) => other)]
                .every((other) => box.left >= other.left && box.right <= other.right && box.top >= other.top && box.bottom <= other.bottom);
            if (!holds) faults.push(`in the drawing ${name}, a text leaves its box: ${text}`);
        }
        for (const [index, { text, box }] of words.entries()) {
            for (const other of words.slice(index + 1)) {
                // The box of a text is higher than its letters.
                const most = 0.25 * Math.min(box.height, other.box.height);
                const apart = box.right <= other.box.left || other.box.right <= box.left
                    || box.bottom - most <= other.box.top || other.box.bottom - most <= box.top;
                if (!apart) faults.push(`in the drawing ${name}, texts overlap: ${text}, ${other.text}`);
            }
        }
    }
    return [...new Set(faults)];
}

// Runs in the page; returns the pages that the search finds.
async function search(word) {
    document.getElementById('mdbook-search-toggle').click();
    const field = document.getElementById('mdbook-searchbar');
    for (let attempt = 0; attempt < 200; attempt++) {
        field.value = word;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        field.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true }));
        await new Promise((resolve) => setTimeout(resolve, 50));
        const found = [...document.querySelectorAll('#mdbook-searchresults a')].map((link) => link.getAttribute('href'));
        if (found.length) return found;
    }
    return [];
}

async function check(browser, site, name, width) {
    const page = await browser.open(width);
    await page.load(`${site}/${name}`);
    const faults = [];
    for (const [preferred, theme] of Object.entries(THEMES)) {
        await page.on('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: preferred }] });
        while (!await page.evaluate(`document.documentElement.classList.contains('${theme}')`)) await sleep(10);
        const found = await page.evaluate(`(${look})(${JSON.stringify(version)})`);
        faults.push(...found.map((fault) => `${preferred}: ${fault}`));
        if (screenshots) await shoot(page, width, `${name.replace('.html', '')}-${width}-${preferred}.png`);
    }
    if (name === 'index.html') {
        const found = await page.evaluate(`(${search})('passphrase')`);
        if (!found.some((href) => href.includes('credentials.html'))) faults.push(`the search finds no passphrase: ${found}`);
    }
    faults.push(...page.complaints().map((text) => `console: ${text}`));
    const leaving = page.requests().filter((url) => !url.startsWith(`${site}/`) && !url.startsWith('data:'));
    faults.push(...leaving.map((url) => `it requests ${url}`));
    await page.close();
    return faults.map((fault) => `${name}, ${width} px: ${fault}`);
}

async function shoot(page, width, name) {
    const { cssContentSize: { height } } = await page.on('Page.getLayoutMetrics');
    const clip = { x: 0, y: 0, width, height: Math.min(height, 2600), scale: 1 };
    const { data } = await page.on('Page.captureScreenshot', { clip, captureBeyondViewport: true });
    writeFileSync(join(screenshots, name), Buffer.from(data, 'base64'));
}

withBrowser(600, async (browser) => {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const site = `http://127.0.0.1:${server.address().port}`;
    const pages = readdirSync(folder).filter((name) => name.endsWith('.html') && !OTHERS.includes(name)).sort();
    let count = 0;
    for (const name of pages) {
        for (const width of WIDTHS) {
            const faults = await check(browser, site, name, width);
            for (const fault of faults) console.error(fault);
            count += faults.length;
        }
    }
    server.close();
    console.log(`${pages.length} pages at ${WIDTHS.join(' and ')} px, ${Object.keys(THEMES).join(' and ')}: ${count} faults`);
    if (count || !pages.length) process.exitCode = 1;
});
