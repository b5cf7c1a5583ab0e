//! Benchmarks and the crash test. Not shipped.

mod allocations;
mod counter;
mod crash;
mod desk;
mod details;
mod engine;
mod goals;
mod hospital;
mod policy;
mod recompute;
mod site;
mod stay;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Messages are taken in by one thread and let go by another: mimalloc gives memory back across threads cheaply.
#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

/// Measures and breaks.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Kill a centre under load, again and again, and look at the books
    Crash(crash::CrashArguments),
    /// Count the round trips and bytes of a bill over the centre's database
    Counter(counter::CounterArguments),
    /// The pages of a desk with very many windows, beside an empty page
    Desk(desk::DeskArguments),
    /// Find out why rows of a day differ, beside reading them
    Details(details::DetailsArguments),
    /// Settle bills in five ways side by side
    Engine(engine::EngineArguments),
    /// Settle bills on both backends, beside what each can do at all
    Store(engine::StoreArguments),
    /// Adjudicate visits beside the same policy written by hand
    Policy(policy::PolicyArguments),
    /// Settle very many bills of every kind, then recompute each from what the books keep of it
    Recompute(recompute::RecomputeArguments),
    /// Try to settle a long stay beside a short one
    Stay(stay::StayArguments),
    /// One arm of `engine`, in a process of its own
    #[command(hide = true)]
    Arm(engine::ArmArguments),
    /// The server of an arm of `engine`
    #[command(hide = true)]
    LimitServer(engine::ArmArguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().what {
        What::Crash(arguments) => crash::crash(&arguments),
        What::Counter(arguments) => counter::counter(&arguments),
        What::Desk(arguments) => desk::desk(&arguments),
        What::Details(arguments) => details::details(&arguments),
        What::Engine(arguments) => engine::engine(&arguments),
        What::Store(arguments) => engine::store(&arguments),
        What::Policy(arguments) => policy::policy(&arguments),
        What::Recompute(arguments) => recompute::recompute(&arguments),
        What::Stay(arguments) => stay::stay(&arguments),
        What::Arm(arguments) => engine::arm(&arguments),
        What::LimitServer(arguments) => engine::limit_server(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("bench: {error:#}");
        ExitCode::from(2)
    })
}
