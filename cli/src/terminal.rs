//! The output on the terminal: colours, the result, and the reason why there is none.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use ims::{Error, Secret};

/// Colours are for terminals alone, and not where NO_COLOR is set: anstream removes them.
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default();

/// The reason why a command ends without a result.
pub(super) enum Failure {
    Ims(Error),
    Output(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ims(error)
    }
}

/// Prints the result of a command.
pub(super) fn print(text: &Secret) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", text.expose()).and_then(|()| stdout.flush()).map_err(Failure::Output)
}
