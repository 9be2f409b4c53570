//! `earful completions`: scripts for shells.

use std::io;
use std::process::ExitCode;

use clap::{Args, CommandFactory};

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  earful completions bash > /etc/bash_completion.d/earful
  earful completions zsh  > \"${fpath[1]}/_earful\"
  earful completions fish > ~/.config/fish/completions/earful.fish")]
pub struct CompletionsArgs {
    /// The shell.
    shell: clap_complete::Shell,
}

/// Runs the command.
///
/// # Errors
/// Never; the signature is that of all commands.
pub fn run(args: &CompletionsArgs) -> anyhow::Result<ExitCode> {
    clap_complete::generate(args.shell, &mut super::Cli::command(), "earful", &mut io::stdout());
    Ok(ExitCode::SUCCESS)
}
