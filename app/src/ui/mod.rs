//! Small shared components.

mod chip;
mod deciding;
mod fields;
mod filters;
pub(crate) mod format;
mod icon;
mod incomplete;
pub(crate) mod loaded;
mod not_found;
mod own_query;
mod page_header;
mod panel;
mod problem;
mod section_link;
mod selection;
mod source;
mod table;
mod timestamp;
mod title;
mod waits;

pub(crate) use chip::{Chip, Tone};
pub(crate) use deciding::{ArmedHint, QueueField};
pub(crate) use fields::{Choice, date, fault_of, line, lines, needed_line, needed_lines, options};
pub(crate) use filters::{
    ActiveFilter, ActiveFilters, FacetGroup, FilterPanel, Hidden, facet_label,
};
pub(crate) use icon::{Icon, Shape};
pub(crate) use incomplete::Incomplete;
pub(crate) use loaded::{ErrorNotice, loaded, once_read};
pub(crate) use not_found::NotFound;
pub(crate) use own_query::{escaped, own_field, own_fields, own_path, own_query};
pub(crate) use page_header::{Breadcrumb, ListPage, PageHeader};
pub(crate) use panel::{EmptyState, Menu, Panel};
pub(crate) use problem::ProblemPanel;
pub(crate) use section_link::SectionLink;
pub(crate) use selection::{AllMatching, SelectCell, SelectionAction, SelectionForm};
pub(crate) use source::{Copy, Source, SourceFileView, data_href};
pub(crate) use table::{DataTable, Heading, PageRange, Pager};
pub(crate) use timestamp::{Ago, Timestamp};
pub(crate) use title::{PageTitle, text_area, title_text};
pub(crate) use waits::WaitsNote;
