//! `make arrows`: draws the packages, their folders and the arrows between the files, and marks
//! those that run back.

use std::process::ExitCode;

use support::root;
use support::structure::{Package, shown};

/// Each package's folder.
const PACKAGES: [(&str, &str); 5] = [
    ("core", "src"),
    ("sandbox", "sandbox/src"),
    ("cli", "cli/src"),
    ("python", "python/src"),
    ("simulation", "simulation/src"),
];

fn main() -> ExitCode {
    let mut backward = 0;
    for (name, folder) in PACKAGES {
        let package = Package::read(&root().join(folder));
        let arrows = package.arrows();
        let lines: usize = package.modules.values().map(|module| module.lines).sum();
        let files = package.modules.len();
        println!("{name} ({folder}): {files} files, {lines} lines, {} arrows", arrows.len());
        for (room, front) in package.modules.iter().filter(|(_, it)| !it.children.is_empty()) {
            println!("  {}: {}", shown(room), front.children.join(" -> "));
        }
        for arrow in arrows.iter().filter(|arrow| arrow.runs_back) {
            println!("  runs back: {} uses {}", shown(&arrow.from), shown(&arrow.to));
            backward += 1;
        }
    }
    println!("{backward} arrows run back");
    ExitCode::from(u8::from(backward > 0))
}
