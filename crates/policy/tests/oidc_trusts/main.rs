//! Trusts of pipelines: whom each admits, and how severe that is.
