//! Variants: the different ways that customers took, and how many customers each of them covers.
//!
//! A variant is the exact sequence of touchpoints (van der Aalst, "Process Mining", 2016, §2.3); if wished, one touchpoint
//! several times in a row counts as once. What the list leaves out is told in `other`.

use rayon::prelude::*;
use serde::Serialize;

use crate::hashing::Map;
use crate::log::BucketView;
use crate::{Filter, Log, Touchpoint, Trail};

/// The parts that sequences are dealt to, so that threads can count them side by side.
const SHARDS: usize = 32;

/// What is asked about variants.
#[derive(Clone, Debug, Default)]
pub struct VariantsQuery {
    /// What is looked at.
    pub filter: Filter,
    /// Whether a touchpoint several times in a row counts as once.
    pub collapses_repeats: bool,
    /// How many of the commonest variants are wanted.
    pub limit: usize,
}

/// The variants.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct VariantsResult {
    /// All customers that were looked at.
    pub customers: u64,
    /// How many different variants there are.
    pub variants: u64,
    /// The commonest, the one with most customers first; of equals the one with the lower touchpoints.
    pub top: Vec<Variant>,
    /// The variants that are not among them.
    pub other: OtherVariants,
}

/// One way, and who took it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Variant {
    /// The way.
    pub touchpoints: Vec<Touchpoint>,
    /// How many customers took exactly this one.
    pub customers: u64,
    /// How many took this one or one that stands before it.
    pub covered: u64,
}

/// What the list leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OtherVariants {
    /// How many variants.
    pub variants: u64,
    /// How many customers took one of them.
    pub customers: u64,
}

type Counts = Map<Vec<Touchpoint>, u64>;

/// Gives the variants.
pub fn variants(log: &Log, query: &VariantsQuery) -> VariantsResult {
    let views: Vec<BucketView> = log.views(&query.filter).collect();
    let dealt: Vec<Vec<Counts>> = views
        .par_iter()
        .map(|view| count(view, query.collapses_repeats))
        .collect();
    let shards = (0..SHARDS)
        .into_par_iter()
        .map(|shard| merge(dealt.iter().map(|parts| &parts[shard]), query.limit));
    let shards: Vec<Shard> = shards.collect();
    let customers = shards.iter().map(|shard| shard.customers).sum();
    let variants = shards.iter().map(|shard| shard.variants).sum();
    let mut covered = 0;
    let commonest = commonest(shards.into_iter().flat_map(|shard| shard.top).collect(), query.limit);
    let top: Vec<Variant> = commonest
        .into_iter()
        .map(|(touchpoints, customers)| {
            covered += customers;
            Variant {
                touchpoints: touchpoints.clone(),
                customers,
                covered,
            }
        })
        .collect();
    let other = OtherVariants {
        variants: variants - top.len() as u64,
        customers: customers - covered,
    };
    VariantsResult {
        customers,
        variants,
        top,
        other,
    }
}

/// Whether a trail is of a variant.
pub fn is_variant(trail: &Trail, variant: &[Touchpoint], collapses_repeats: bool) -> bool {
    if collapses_repeats {
        trail
            .touchpoints
            .chunk_by(|one, other| one == other)
            .map(|run| run[0])
            .eq(variant.iter().copied())
    } else {
        trail.touchpoints == variant
    }
}

/// Counts the sequences of a bucket, dealt by their hash.
fn count(view: &BucketView, collapses_repeats: bool) -> Vec<Counts> {
    let mut shards = vec![Counts::default(); SHARDS];
    let mut sequence = Vec::new();
    view.blocks(|block| {
        for trail in block.trails() {
            sequence.clear();
            sequence.extend_from_slice(trail.touchpoints);
            if collapses_repeats {
                sequence.dedup();
            }
            let counts = &mut shards[shard_of(&sequence)];
            match counts.get_mut(&sequence) {
                Some(count) => *count += 1,
                None => {
                    counts.insert(sequence.clone(), 1);
                }
            }
        }
    });
    shards
}

/// Deals by another hash than the one inside the shard, which would crowd there otherwise.
fn shard_of(sequence: &[Touchpoint]) -> usize {
    let mixed = sequence.iter().fold(sequence.len() as u32, |sum, touchpoint| {
        (sum ^ u32::from(touchpoint.0)).wrapping_mul(0x0100_0193)
    });
    (mixed >> 16) as usize % SHARDS
}

/// One shard of all buckets together.
struct Shard<'a> {
    customers: u64,
    variants: u64,
    top: Vec<(&'a Vec<Touchpoint>, u64)>,
}

fn merge<'a>(parts: impl Iterator<Item = &'a Counts>, limit: usize) -> Shard<'a> {
    let mut all: Map<&Vec<Touchpoint>, u64> = Map::default();
    for (sequence, customers) in parts.flatten() {
        *all.entry(sequence).or_default() += customers;
    }
    Shard {
        customers: all.values().sum(),
        variants: all.len() as u64,
        top: commonest(all.into_iter().collect(), limit),
    }
}

fn commonest(mut variants: Vec<(&Vec<Touchpoint>, u64)>, limit: usize) -> Vec<(&Vec<Touchpoint>, u64)> {
    let order = |one: &(&Vec<Touchpoint>, u64), other: &(&Vec<Touchpoint>, u64)| {
        other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0))
    };
    if limit < variants.len() {
        variants.select_nth_unstable_by(limit, order);
        variants.truncate(limit);
    }
    variants.sort_unstable_by(order);
    variants
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::testing::{events, filters, log, log_of, ways};

    fn listed(result: &VariantsResult) -> Vec<(Vec<u16>, u64, u64)> {
        let plain = |variant: &Variant| {
            let way = variant.touchpoints.iter().map(|touchpoint| touchpoint.0).collect();
            (way, variant.customers, variant.covered)
        };
        result.top.iter().map(plain).collect()
    }

    #[test]
    fn variants_worked_out_by_hand() {
        let log = log(&[
            (1, 0, 0),
            (1, 1, 1),
            (1, 1, 2),
            (2, 0, 0),
            (2, 1, 5),
            (3, 0, 9),
            (3, 1, 10),
            (4, 2, 0),
        ]);
        let all = VariantsQuery {
            limit: 2,
            ..VariantsQuery::default()
        };
        let result = variants(&log, &all);
        assert_eq!(listed(&result), [(vec![0, 1], 2, 2), (vec![0, 1, 1], 1, 3)]);
        assert_eq!((result.customers, result.variants), (4, 3));
        assert_eq!(
            result.other,
            OtherVariants {
                variants: 1,
                customers: 1
            }
        );
        let collapsed = variants(
            &log,
            &VariantsQuery {
                collapses_repeats: true,
                ..all
            },
        );
        assert_eq!(listed(&collapsed), [(vec![0, 1], 3, 3), (vec![2], 1, 4)]);
        assert_eq!(variants(&log, &VariantsQuery::default()).other.customers, 4);
    }

    proptest! {
        #[test]
        fn variants_equal_a_plain_count(
            events in events(), filter in filters(), collapses_repeats: bool, limit in 0..6usize,
        ) {
            let mut plain: BTreeMap<Vec<Touchpoint>, u64> = BTreeMap::new();
            for way in ways(&events, &filter).values() {
                let mut way: Vec<Touchpoint> = way.iter().map(|(_, touchpoint)| *touchpoint).collect();
                if collapses_repeats {
                    way.dedup();
                }
                *plain.entry(way).or_default() += 1;
            }
            let mut order: Vec<_> = plain.into_iter().collect();
            order.sort_by_key(|(_, customers)| std::cmp::Reverse(*customers));
            let log = log_of(&events);
            let result = variants(&log, &VariantsQuery { filter: filter.clone(), collapses_repeats, limit });
            let top: Vec<_> = result.top.iter().map(|top| (top.touchpoints.clone(), top.customers)).collect();
            prop_assert_eq!(&top[..], &order[..limit.min(order.len())]);
            let rest = &order[top.len()..];
            prop_assert_eq!(result.other.variants, rest.len() as u64);
            prop_assert_eq!(result.other.customers, rest.iter().map(|(_, customers)| customers).sum::<u64>());
            prop_assert_eq!(result.customers, order.iter().map(|(_, customers)| customers).sum::<u64>());
            for variant in &result.top {
                let is_it = |trail: &Trail| is_variant(trail, &variant.touchpoints, collapses_repeats);
                prop_assert_eq!(crate::people(&log, &filter, is_it, 1).total, variant.customers);
            }
        }
    }
}
