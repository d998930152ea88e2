//! Small shared components.

mod chip;
mod filters;
pub(crate) mod format;
mod full_load;
mod icon;
mod incomplete;
pub(crate) mod loaded;
mod not_found;
mod now;
mod own_query;
mod page_header;
mod panel;
mod problem;
mod reloading;
mod request_sequence;
#[cfg(feature = "ssr")]
mod selection;
mod table;
mod timestamp;
mod title;
mod waits;

pub(crate) use chip::{Chip, Tone};
pub(crate) use filters::{
    ActiveFilter, ActiveFilters, FacetGroup, FilterPanel, Hidden, facet_label,
};
pub(crate) use full_load::FullLoad;
pub(crate) use icon::{Icon, Shape};
pub(crate) use incomplete::Incomplete;
pub(crate) use loaded::{ErrorNotice, loaded, loaded_live};
pub(crate) use not_found::NotFound;
pub(crate) use now::use_now;
pub(crate) use own_query::use_own_query;
pub(crate) use page_header::{Breadcrumb, ListPage, PageHeader};
pub(crate) use panel::{EmptyState, Menu, Panel};
pub(crate) use problem::ProblemPanel;
pub(crate) use reloading::Reloading;
pub(crate) use request_sequence::RequestSequence;
#[cfg(feature = "ssr")]
pub(crate) use selection::{SelectCell, SelectionForm};
pub(crate) use table::{DataTable, Heading, Pager};
pub(crate) use timestamp::{Ago, Timestamp};
pub(crate) use title::{PageTitle, text_area};
pub(crate) use waits::WaitsNote;
