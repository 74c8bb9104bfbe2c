//! The `ims` command.
fn main() -> std::process::ExitCode {
    ims_cli::run(std::env::args_os()).into()
}
