//! Mutated inputs for every target, the same ones for the same seed.
//!
//! `seeded N SEED [TARGET…]` runs N inputs of each target; `seeded write FOLDER` writes the inputs to begin
//! from, for libFuzzer; `seeded one TARGET HEX` runs one input.

use fuzz::{
    TARGETS, Target, be_quiet, hex,
    mutate::{Chance, mutated},
    target, try_one,
};
use std::{process::ExitCode, time::Duration};

/// Longest input, in bytes.
const MOST: usize = 4096;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", folder] => write(folder),
        ["one", name, input] => one(name, input),
        [n, seed, ref names @ ..] => match (n.parse(), seed.parse()) {
            (Ok(n), Ok(seed)) => run(n, seed, names),
            _ => usage(),
        },
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("seeded N SEED [TARGET…] | seeded write FOLDER | seeded one TARGET HEX");
    ExitCode::from(2)
}

fn write(folder: &str) -> ExitCode {
    for target in TARGETS {
        let folder = format!("{folder}/{}", target.name);
        let written = std::fs::create_dir_all(&folder).and_then(|()| {
            (target.seeds)()
                .iter()
                .enumerate()
                .try_for_each(|(n, seed)| std::fs::write(format!("{folder}/{n}"), seed))
        });
        if let Err(error) = written {
            eprintln!("{folder}: {error}");
            return ExitCode::FAILURE;
        }
        println!("{}", target.name);
    }
    ExitCode::SUCCESS
}

fn one(name: &str, input: &str) -> ExitCode {
    let Some(target) = target(name) else { return usage() };
    let bytes: Vec<u8> = (0..input.len() / 2)
        .filter_map(|at| u8::from_str_radix(input.get(2 * at..2 * at + 2)?, 16).ok())
        .collect();
    (target.run)(&bytes);
    println!("no panic");
    ExitCode::SUCCESS
}

fn run(n: u64, seed: u64, names: &[&str]) -> ExitCode {
    be_quiet();
    let chosen: Vec<Target> =
        TARGETS.iter().copied().filter(|target| names.is_empty() || names.contains(&target.name)).collect();
    let (mut executions, mut panics, mut slowest) = (0, 0, Duration::ZERO);
    for target in &chosen {
        let seeds = (target.seeds)();
        let mut worst = Duration::ZERO;
        for at in 0..n {
            let input = match seeds.get(at as usize) {
                Some(seed) => seed.clone(),
                None => {
                    mutated(&mut Chance::new(seed ^ at.wrapping_mul(0x2545_f491_4f6c_dd1d)), &seeds, MOST)
                }
            };
            executions += 1;
            match try_one(*target, &input) {
                Ok(took) => worst = worst.max(took),
                Err(said) => {
                    panics += 1;
                    if panics <= 10 {
                        println!(
                            "{} panicked: {said}\n  again: seeded one {} {}",
                            target.name,
                            target.name,
                            hex(&input)
                        );
                    }
                }
            }
        }
        println!("{}: {n} executions, slowest {} ms", target.name, worst.as_millis());
        slowest = slowest.max(worst);
    }
    println!(
        "targets={} executions={executions} panics={panics} slowest_ms={}",
        chosen.len(),
        slowest.as_millis()
    );
    if panics == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
