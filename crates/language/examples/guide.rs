//! Prints the rules in words; the second half of `docs/language.md`:
//! `cargo run -p language --example guide`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for developers")]

fn main() {
    print!("{}", language::guide(&language::Aid::english().unwrap()));
}
