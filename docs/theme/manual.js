// Marks the words by which the programs begin an error, a warning and a hint, which readers look for.
for (const code of document.querySelectorAll('code.language-console, code.language-text')) {
    const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let text; (text = texts.nextNode());) {
        for (const match of text.data.matchAll(/^(error|warning|hint):/gm)) found.push({ text, match });
    }
    // From the end, because the text before a mark stays what it was.
    for (const { text, match: { index, 0: word, 1: kind } } of found.reverse()) {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        const mark = document.createElement('strong');
        mark.className = kind === 'hint' ? 'hint' : 'fault';
        range.surroundContents(mark);
    }
}
