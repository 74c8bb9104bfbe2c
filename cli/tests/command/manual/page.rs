//! A page of the manual, and the fenced blocks in it.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use support::root;

pub struct Page {
    pub path: PathBuf,
    pub text: String,
}

/// A block, and where its content stands in the page's text.
pub struct Block<'a> {
    /// What follows the fence, such as `json file=credentials.json`.
    info: String,
    pub content: &'a str,
    pub place: Range<usize>,
}

impl Page {
    /// Reads a file of docs/src.
    pub fn read(name: &str) -> Self {
        let path = folder().join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { path, text }
    }

    /// Every file that mdBook may show.
    pub fn all() -> Vec<Self> {
        let mut names: Vec<String> = fs::read_dir(folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md"))
            .collect();
        names.sort();
        names.iter().map(|name| Self::read(name)).collect()
    }

    pub fn name(&self) -> &str {
        self.path.file_name().unwrap().to_str().unwrap()
    }

    pub fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut open: Option<(String, Range<usize>)> = None;
        for (event, place) in Parser::new(&self.text).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    open = Some((info.into_string(), place.end..place.end));
                }
                Event::Text(_) => {
                    if let Some((_, content)) = &mut open {
                        *content = content.start.min(place.start)..place.end;
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    let closed = open.take();
                    blocks.extend(closed.map(|(info, place)| Block {
                        info,
                        content: &self.text[place.clone()],
                        place,
                    }));
                }
                _ => {}
            }
        }
        blocks
    }
}

impl Block<'_> {
    pub fn language(&self) -> &str {
        self.info.split(' ').next().unwrap_or_default()
    }

    /// The file that the block shows.
    pub fn file(&self) -> Option<&str> {
        self.info.split(' ').find_map(|word| word.strip_prefix("file="))
    }

    /// What the block shows, be it in the page or in a file that mdBook puts into it.
    pub fn shown(&self) -> String {
        let included = self.content.trim_end().strip_prefix("{{#include ");
        match included.and_then(|rest| rest.strip_suffix("}}")) {
            Some(path) => fs::read_to_string(folder().join(path)).unwrap(),
            None => self.content.to_owned(),
        }
    }
}

pub fn folder() -> PathBuf {
    root().join("docs/src")
}
