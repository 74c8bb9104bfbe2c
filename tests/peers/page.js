// page.js URL WIDTH...: what a reader has of a page in headless Chromium, without script, in a window of each width in
// pixels; as JSON, one object for each.
import { withBrowser } from './chromium.js';

const SEEN = `({
    windowWidth: document.documentElement.clientWidth,
    pageWidth: document.documentElement.scrollWidth,
    text: document.body.innerText,
    html: document.documentElement.outerHTML,
    smallestFont: Math.min(...[...document.querySelectorAll('body *')].map((one) => parseFloat(getComputedStyle(one).fontSize))),
})`;

async function see(browser, url, width) {
    const page = await browser.open(width);
    await page.on('Emulation.setScriptExecutionDisabled', { value: true });
    await page.load(url);
    return { width, ...await page.evaluate(SEEN), complaints: page.complaints() };
}

const [url, ...widths] = process.argv.slice(2);
withBrowser(60, async (browser) => {
    const seen = [];
    for (const width of widths) seen.push(await see(browser, url, Number(width)));
    console.log(JSON.stringify(seen));
});
