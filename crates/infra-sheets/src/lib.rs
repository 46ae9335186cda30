//! Spreadsheets: rows of a `.csv` or `.xlsx` file from outside, read in a process of its own.
//!
//! Known readers abort on a file that is made for it, or take all memory. So the server does not read
//! such files: it starts a program ([`ChildReader`]) that confines itself first ([`serve`]), reads the
//! file from its standard input and writes the rows as JSON lines ([`Line`](line::Line)). Whatever
//! becomes of that program, the server goes on.
//!
//! It may depend on the kernel and on `domain-integrations`, whose port
//! [`SheetReader`](domain_integrations::import::SheetReader) it implements. Another form of file is
//! a module beside `text.rs`, and a word in `SheetFormat`.

mod child;
mod line;
mod reader;
mod text;
mod workbook;

pub use child::{COMMAND, serve};
pub use reader::ChildReader;
