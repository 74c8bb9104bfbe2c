//! `ims man`: the manual pages, made from the command line's own definition.

use std::fs;
use std::io;
use std::iter;
use std::path::{Path, PathBuf};

use clap::{Command, ValueHint};
use clap_mangen::Man;

use ims::Error;
use ims::error::io_reason;

/// Write the manual pages of all commands into a directory
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ims man /usr/local/share/man/man1

`make install` installs them.")]
pub(super) struct ManArgs {
    /// Where to write ims.1, ims-token.1 and so on; it is made where it is missing
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    directory: PathBuf,
}

/// `ims` is the whole command line.
pub(super) fn run(args: &ManArgs, ims: Command) -> Result<(), Error> {
    write(&args.directory, ims).map_err(|error| {
        let problem =
            format!("{} cannot be written to: {}", args.directory.display(), io_reason(&error));
        Error::argument("DIR", problem)
    })
}

fn write(directory: &Path, ims: Command) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let mut ims = ims.disable_help_subcommand(true);
    ims.build();
    let with_own = |command| iter::once(command).chain(Command::get_subcommands(command));
    for command in ims.get_subcommands().flat_map(with_own).chain([&ims]) {
        // An empty date would be left out of the title, and the source would take its position.
        let page =
            Man::new(command.clone()).date(" ").source(concat!("ims ", env!("CARGO_PKG_VERSION")));
        let mut text = Vec::new();
        page.render(&mut text)?;
        let text = String::from_utf8(text).map_err(io::Error::other)?;
        fs::write(directory.join(page.get_filename()), with_examples(&text))?;
    }
    Ok(())
}

/// Marks the examples of a page: the lines that are indented below the options. Without the marks,
/// man would fill them up to full lines.
fn with_examples(page: &str) -> String {
    let Some((options, notes)) = page.split_once(".SH EXTRA\n") else { return page.to_owned() };
    let mut made = format!("{options}.SH NOTES\n");
    let mut is_example = false;
    for line in notes.lines() {
        if line.starts_with("  ") != is_example && !line.is_empty() {
            is_example = !is_example;
            made.push_str(if is_example { ".nf\n" } else { ".fi\n" });
        }
        made.push_str(line);
        made.push('\n');
    }
    made
}
