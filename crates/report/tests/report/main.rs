//! Every format on one report that has everything that is difficult.

mod diagnosis;
mod fixture;
mod formats;
mod ladders;
mod robust;
mod schemas;
