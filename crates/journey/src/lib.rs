//! The columnar event log and its kernels: what customers did, in order, and what it adds up to.
//!
//! A [`Log`] keeps every customer's [`Trail`]; a kernel is a function over a log and a query, in a file of its own, that
//! folds over the trails and merges what the buckets gave. This room opens no file, reads no clock and rolls no dice, and
//! knows no touchpoint by name: the catalogue that numbers them belongs to whoever builds the log.

mod attribution;
mod conformance;
mod demand;
mod durations;
mod filter;
mod friction;
mod funnel;
mod hashing;
mod incidents;
mod lifecycle;
mod log;
mod map;
mod meetings;
mod paths;
mod people;
mod periods;
mod retention;
mod service;
pub mod stats;
mod step_matrix;
#[cfg(test)]
mod testing;
mod variants;

pub use attribution::{AttributionQuery, AttributionResult, Credit, attribution};
pub use conformance::{
    ConformanceQuery, ConformanceResult, Design, DesignedStage, DesignedStep, Deviation, DeviationKind, DeviationWeek,
    Fitness, LeavesBy, Standing, StandingStep, StepState, TwiceInDesign, WeekFitness, conformance, deviating, standing,
};
pub use demand::{DemandAgreement, DemandCause, DemandResult, DemandShare, DemandWeek, Marked, demand};
pub use durations::Durations;
pub use filter::{CustomerSet, Filter, TouchpointSet};
pub use friction::{
    Effect, FrictionQuery, FrictionResult, Helped, HelpedCustomer, TouchpointFriction, Verdict, Why, friction, helped,
};
pub use funnel::{
    FUNNEL_STEPS, FunnelBreakdown, FunnelCount, FunnelExclusion, FunnelGroup, FunnelOrder, FunnelQuery, FunnelResult,
    FunnelStep, funnel, funnel_people,
};
pub use incidents::{Incident, IncidentQuery, incidents};
pub use lifecycle::{ActivityQuery, LifecyclePeriod, LifecycleResult, StickinessResult, lifecycle, stickiness};
pub use log::{BucketError, Log, Saved, Touchpoint, Trail};
pub use map::{MapEdge, MapQuery, MapResult, MapTouchpoint, map};
pub use meetings::{Meetings, meetings};
pub use paths::{PathAnchor, PathEdge, PathNode, PathsQuery, PathsResult, paths};
pub use people::{People, people};
pub use retention::{RetentionCell, RetentionCohort, RetentionCohortRule, RetentionQuery, RetentionResult, retention};
pub use service::{ServiceCount, ServiceQuery, ServiceResult, ServiceShare, ServiceWeek, service};
pub use step_matrix::{StepMatrixQuery, StepMatrixResult, StepMatrixRow, step_matrix};
pub use variants::{OtherVariants, Variant, VariantsQuery, VariantsResult, is_variant, variants};
