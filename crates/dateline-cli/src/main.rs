//! The `dateline` command: reads the command line, runs a command, turns its outcome into an exit code
//! (0 done, 1 some input was bad or something stopped the work, 2 the command line was wrong).

mod add;
mod annotate;
mod archive;
mod args;
mod bench;
mod code;
mod eval;
mod failure;
mod fetch;
mod input;
mod listing;
mod parallel;
mod run;
mod table;
mod term;
mod watch;

use args::{Cli, Command};
use clap::{CommandFactory, Parser};
use failure::{Failure, Outcome, complain};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.verbose);
    // One line instead of a trace: a fault in one report is told with that report, and the others are still done.
    std::panic::set_hook(Box::new(|panic| complain(&panic.to_string())));
    match run(&cli) {
        Ok(outcome) => outcome.into(),
        Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Err(Failure::Message(message)) => {
            complain(&message);
            Outcome::Flawed.into()
        }
    }
}

fn run(cli: &Cli) -> Result<Outcome, Failure> {
    match &cli.command {
        Command::Demo(args) => code::demo(args, cli.color),
        Command::Code(args) => code::code(args, cli.color),
        Command::Annotate(args) => annotate::annotate(args),
        Command::Add(args) => add::add(args),
        Command::Find(args) => archive::find(args, cli.color),
        Command::Incidents(args) => archive::incidents(args, cli.color),
        Command::Show(args) => archive::show(args, cli.color),
        Command::Stats(args) => archive::stats(args),
        Command::Check(args) => archive::check(args),
        Command::Export(args) => archive::export(args),
        Command::Import(args) => archive::import(args),
        Command::Watch(args) => watch::watch(args),
        Command::Eval(args) => eval::eval(args),
        Command::Bench(args) => bench::bench(args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "dateline", &mut script);
            print(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            manual(&mut page).map_err(|error| Failure::writing("manual page", &error))?;
            print(&page)
        }
    }
}

/// The manual page, and one of each command after it.
fn manual(page: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(Cli::command()).render(page)?;
    let mut cli = Cli::command();
    cli.build();
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        clap_mangen::Man::new(command.clone()).render(page)?;
    }
    Ok(())
}

fn print(bytes: &[u8]) -> Result<Outcome, Failure> {
    let mut output = run::Output::open(None, &[])?;
    output.write(&String::from_utf8_lossy(bytes))?;
    output.finish().map(|()| Outcome::Done)
}

fn log(verbose: u8) {
    let level = match verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_target(false)
        .without_time()
        .init();
}
