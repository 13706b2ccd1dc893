//! What checks that read logs have in common: the options, what to read, what to say when it is missing or covers too little.

pub mod doubt;
pub mod gather;
pub mod inputs;
pub mod needs;
pub mod options;
pub mod plan;
pub mod resumed;
