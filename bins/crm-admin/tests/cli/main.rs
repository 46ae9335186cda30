//! Runs the real program as an operator does: `world` starts it, `story` is what happens on both
//! databases, the other files are what is particular to one of them, and what goes wrong.

mod help;
mod mistakes;
mod postgres;
mod sqlite;
mod story;
mod world;
