//! The structure of a package: its folders, and the arrows from each file to those that it uses.
//!
//! The order of a folder is the order of the `mod` lines in its front, `mod.rs` or `lib.rs`, which
//! itself comes last. An arrow runs back if a file uses one below it. Tests at the end of a file do
//! not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The names from the package to a file, such as `["cache", "redis", "tls"]`; the front of a folder has the folder's name.
pub type Name = Vec<String>;

/// A file.
pub struct Module {
    pub path: PathBuf,
    /// The code, without comments and tests.
    code: String,
    /// The files of the folder in their order; empty if this is not a front.
    pub children: Vec<String>,
    pub lines: usize,
}

/// A package's files, each under its name.
pub struct Package {
    pub modules: BTreeMap<Name, Module>,
}

/// The use of one file by another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    pub from: Name,
    pub to: Name,
    pub runs_back: bool,
}

/// Shows a file's name as a path.
pub fn shown(name: &[String]) -> String {
    if name.is_empty() { "the front".to_owned() } else { name.join("/") }
}

impl Package {
    /// Reads the package whose sources are in the folder `src`.
    pub fn read(src: &Path) -> Self {
        let mut package = Self { modules: BTreeMap::new() };
        let (library, program) = (src.join("lib.rs"), src.join("main.rs"));
        package.add(Vec::new(), if library.exists() { library } else { program }, src);
        package
    }

    fn add(&mut self, name: Name, path: PathBuf, folder: &Path) {
        let text = fs::read_to_string(&path).unwrap();
        let (lines, code) = (text.lines().count(), code(&text));
        let children: Vec<String> = code.lines().filter_map(child).map(str::to_owned).collect();
        for child in &children {
            let (file, inner) = (folder.join(format!("{child}.rs")), folder.join(child));
            let path = if file.exists() { file } else { inner.join("mod.rs") };
            let mut below = name.clone();
            below.push(child.clone());
            self.add(below, path, &inner);
        }
        self.modules.insert(name, Module { path, code, children, lines });
    }

    /// Returns every arrow except those from a folder's front into its own folder.
    pub fn arrows(&self) -> BTreeSet<Arrow> {
        let mut arrows = BTreeSet::new();
        for (from, module) in &self.modules {
            for path in paths(&module.code) {
                let Some(to) = self.target(from, &path) else { continue };
                if !to.starts_with(from) {
                    let runs_back = self.runs_back(from, &to);
                    arrows.insert(Arrow { from: from.clone(), to, runs_back });
                }
            }
        }
        arrows
    }

    /// Returns the file that `path` of the file `from` leads to.
    fn target(&self, from: &[String], path: &[String]) -> Option<Name> {
        let mut steps = path;
        let mut at = match &*path[0] {
            "crate" => Vec::new(),
            _ => from.to_vec(),
        };
        while let Some(step) = steps.first() {
            steps = &steps[1..];
            match &**step {
                "crate" | "self" => {}
                "super" => {
                    at.pop()?;
                }
                name => {
                    let front = &self.modules[&at];
                    let child = match front.children.iter().find(|child| *child == name) {
                        Some(child) => child.clone(),
                        None => match front.shows(name) {
                            Some(child) => {
                                at.push(child);
                                return Some(at);
                            }
                            None => return Some(at),
                        },
                    };
                    at.push(child);
                }
            }
        }
        Some(at)
    }

    /// Returns whether `to` is below `from` in the folder that holds both.
    fn runs_back(&self, from: &[String], to: &[String]) -> bool {
        let common = from.iter().zip(to).take_while(|(from, to)| from == to).count();
        // The front of a folder comes last.
        let Some(to) = to.get(common) else { return true };
        let order = &self.modules[&from[..common]].children;
        let place = |name: &String| order.iter().position(|child| child == name);
        place(to) > place(&from[common])
    }
}

impl Module {
    /// Returns the child that a front has the name from, as by `use child::name`.
    fn shows(&self, name: &str) -> Option<String> {
        self.code.match_indices("use ").find_map(|(place, found)| {
            let rest = &self.code[place + found.len()..];
            let tree = rest.split(';').next()?;
            let tree = tree.strip_prefix("self::").unwrap_or(tree);
            let (child, _) = tree.split_once("::")?;
            let is_child = self.children.iter().any(|known| known == child);
            let has_name = tree.split(|c: char| !is_letter(c)).any(|word| word == name);
            (is_child && has_name).then(|| child.to_owned())
        })
    }
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns the name in a line that declares a module in a file of its own.
fn child(line: &str) -> Option<&str> {
    let line = line.strip_suffix(';')?;
    let (before, name) = line.split_once("mod ")?;
    (before.is_empty() || before.starts_with("pub")).then_some(name)
}

/// Returns the text without comments and tests: those at its end, and those in files of their own.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut code = String::new();
    let mut is_test = false;
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        if !(is_test && child(line).is_some()) {
            // The visibility of an item is not a use.
            code.push_str(&line.replace("pub(in crate::", "pub("));
            code.push('\n');
        }
        is_test = line == "#[cfg(test)]";
    }
    code
}

/// Returns every path that begins with `crate`, `super` or `self`; a tree of imports is several.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (place, _) in code.match_indices(start) {
            let before = code[..place].chars().next_back();
            if !before.is_some_and(|c| is_letter(c) || c == ':') {
                tree(&code[place..], &[], &mut paths);
            }
        }
    }
    paths
}

/// Adds the paths of the tree that `text` begins with, below `above`; returns what follows it.
fn tree<'a>(text: &'a str, above: &[String], paths: &mut Vec<Vec<String>>) -> &'a str {
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            match rest.strip_prefix('}') {
                Some(rest) => return rest,
                None if rest.is_empty() => return rest,
                None => {
                    let after = tree(rest, above, paths);
                    // Not a path, such as a `*`.
                    rest = if after.len() == rest.len() { &rest[1..] } else { after };
                }
            }
        }
    }
    let end = text.find(|c: char| !is_letter(c)).unwrap_or(text.len());
    let path = [above, &[text[..end].to_owned()]].concat();
    match text[end..].strip_prefix("::") {
        Some(rest) if rest.starts_with(|c: char| is_letter(c) || c == '{') => {
            tree(rest, &path, paths)
        }
        _ => {
            paths.push(path);
            text[end..]
                .split_once(" as ")
                .filter(|(between, _)| between.is_empty())
                .map_or(&text[end..], |(_, rest)| rest.trim_start_matches(is_letter))
        }
    }
}
