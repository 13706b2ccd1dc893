//! What we ask of the machine: the clock and its zone, the root of the file tree, the terminal, the time limit, why a file is not
//! readable, and threads: for work that runs ahead, for two pieces at once, and for what may take too long. Everything above gets these as
//! parameters, so that tests can set them.

pub mod access;
pub mod ahead;
pub mod aside;
pub mod both;
pub mod child;
pub mod deadline;
pub mod env;
pub mod partial;
pub mod probe;
pub mod progress;
pub mod shell;
pub mod small_file;
pub mod time;
pub mod yearless;
