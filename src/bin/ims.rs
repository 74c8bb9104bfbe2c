//! The `ims` command.
fn main() -> std::process::ExitCode {
    ims::cli::run(std::env::args_os()).into()
}
