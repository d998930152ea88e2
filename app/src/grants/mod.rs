//! Just-in-time access: one's own, the request form, a grant whole, reviews, the inbox, the trail.

pub(crate) mod api;
mod change_api;
mod change_forms;
mod change_results;
mod decision;
mod facts;
mod glass_form;
mod grant_api;
mod grant_page;
mod grant_words;
pub(crate) mod labels;
mod lists;
mod mine_page;
mod offers;
mod request_page;
mod terminal;
mod timeline;
mod upload;
mod value;
mod write;

pub(crate) use decision::DecisionForms;
pub(crate) use facts::{Facts, Running};
pub(crate) use grant_page::{GrantPage, Review};
pub(crate) use lists::{LivePage, ReviewsPage, StateCell};
pub(crate) use mine_page::MyAccessPage;
pub(crate) use request_page::RequestPage;
pub use upload::{upload_refused, uploaded};
