//! Tests that need crates which do not know each other: an adapter of `integrations` against the provider of `sandbox`.
//! They stand beside `qiao`, not in it, so that they are built without typst.
