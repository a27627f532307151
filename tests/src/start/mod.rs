//! From nothing to a server that answers: the demonstration, and the settings in a file.

mod demonstration;
mod settings_file;
