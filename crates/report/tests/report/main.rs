//! Every format on one report that has everything that is difficult.

mod comment;
mod consumers;
mod diagnosis;
mod fixture;
mod formats;
mod hostile;
mod ladders;
mod robust;
mod schemas;
