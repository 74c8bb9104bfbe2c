//! The files of `tests/files`, which are like those that people have, and the tables of what each gives.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::root;

/// A table of cases, and the folder of their files.
pub struct Table {
    name: &'static str,
    /// The folder in which programs read the files.
    pub folder: PathBuf,
    pub cases: Vec<Case>,
}

/// A file, and what a program gets from it.
pub struct Case {
    /// The path below `tests/files`, such as `credentials/aem.json`.
    pub file: String,
    /// The sentence about who has such a file.
    pub about: String,
    /// The URL of the tool's own document or repository that shows it.
    pub source: Option<String>,
    /// The options that the program gives with the file, such as its passphrase.
    pub options: BTreeMap<String, String>,
    /// The request or the signature, or the error. Null: the table does not say it yet.
    pub gives: Value,
    row: Value,
}

impl Table {
    /// Reads `tests/files/credentials.json`.
    pub fn credentials() -> Self {
        Self::read("credentials")
    }

    /// Reads `tests/files/keys.json`.
    pub fn keys() -> Self {
        Self::read("keys")
    }

    fn read(name: &'static str) -> Self {
        let table = fs::read_to_string(path_of(name)).unwrap();
        let rows: Vec<Value> = serde_json::from_str(&table).unwrap();
        let cases = rows.into_iter().map(|row| Case::new(name, row)).collect();
        Self { name, folder: folder(), cases }
    }

    /// Writes the folder of the files, changed, into `to`, and reads them there.
    pub fn changed(mut self, to: PathBuf, change: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        fs::create_dir(to.join(self.name)).unwrap();
        for file in fs::read_dir(self.folder.join(self.name)).unwrap() {
            let file = file.unwrap();
            let changed = change(&fs::read(file.path()).unwrap());
            fs::write(to.join(self.name).join(file.file_name()), changed).unwrap();
        }
        self.folder = to;
        self
    }

    /// Writes the table again with what each case gave, where SNAPSHOTS is `overwrite`, as `make manual` sets it.
    pub fn overwrite(&mut self, given: &[Value]) {
        if env::var("SNAPSHOTS").is_ok_and(|action| action == "overwrite") {
            for (case, gives) in self.cases.iter_mut().zip(given) {
                case.gives = gives.clone();
                case.row["gives"] = gives.clone();
            }
            let rows: Vec<&Value> = self.cases.iter().map(|case| &case.row).collect();
            let table = serde_json::to_string_pretty(&rows).unwrap();
            fs::write(path_of(self.name), table + "\n").unwrap();
        }
    }

    /// Compares what each case gave with the table.
    pub fn assert_gives(&self, given: &[Value]) {
        assert_eq!(given.len(), self.cases.len(), "{}", self.name);
        for (case, gives) in self.cases.iter().zip(given) {
            assert_eq!(*gives, case.gives, "{}", case.file);
        }
    }
}

impl Case {
    fn new(folder: &str, row: Value) -> Self {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let options = row["options"].as_object().into_iter().flatten();
        Self {
            file: format!("{folder}/{}", text("file")),
            about: text("about"),
            source: row["source"].as_str().map(str::to_owned),
            options: options
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            gives: row["gives"].clone(),
            row,
        }
    }

    /// Returns the file's bytes.
    pub fn read(&self) -> Vec<u8> {
        fs::read(folder().join(&self.file)).unwrap()
    }
}

/// Returns `tests/files`, in which programs read the files, so that errors name them as the tables do.
pub fn folder() -> PathBuf {
    root().join("tests/files")
}

fn path_of(table: &str) -> PathBuf {
    folder().join(table).with_extension("json")
}
