//! `ims completions`: the script that makes a shell complete the command line.

use clap::Command;
use clap_complete::{Shell, generate};

use ims::{Error, Secret};

/// Print the script by which a shell completes commands and options
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  . <(ims completions bash)
  ims completions zsh > ~/.zfunc/_ims
  ims completions fish > ~/.config/fish/completions/ims.fish

`make install` installs those of bash, zsh and fish.")]
pub(super) struct CompletionsArgs {
    shell: Shell,
}

/// `ims` is the whole command line.
pub(super) fn run(args: &CompletionsArgs, ims: &mut Command) -> Result<Secret, Error> {
    let mut script = Vec::new();
    generate(args.shell, ims, "ims", &mut script);
    Ok(Secret::from(String::from_utf8_lossy(&script).trim_end().to_owned()))
}
