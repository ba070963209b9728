//! What files a customer is made of: each join ties two of them, and who is tied, over however many joins, is one person.

use std::collections::{BTreeMap, BTreeSet};

use crate::CustomerId;

/// Gives all files that hang together with `start` over these joins, itself among them.
pub fn component(joins: &[(CustomerId, CustomerId)], start: CustomerId) -> BTreeSet<CustomerId> {
    let mut beside: BTreeMap<CustomerId, Vec<CustomerId>> = BTreeMap::new();
    for (one, other) in joins {
        beside.entry(*one).or_default().push(*other);
        beside.entry(*other).or_default().push(*one);
    }
    let mut found = BTreeSet::from([start]);
    let mut waiting = vec![start];
    while let Some(next) = waiting.pop() {
        for neighbour in beside.get(&next).into_iter().flatten() {
            if found.insert(*neighbour) {
                waiting.push(*neighbour);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_less_leaves_two_sides() {
        let join = |one, other| (CustomerId(one), CustomerId(other));
        let of = |joins: &[_], start| -> Vec<i64> {
            component(joins, CustomerId(start)).into_iter().map(|id| id.0).collect()
        };
        let all = [join(1, 2), join(2, 3), join(3, 4), join(6, 5)];
        assert_eq!(of(&all, 3), [1, 2, 3, 4]);
        assert_eq!(of(&all, 5), [5, 6]);
        assert_eq!(of(&all, 9), [9]);
        let without = [join(1, 2), join(3, 4)];
        assert_eq!((of(&without, 2), of(&without, 3)), (vec![1, 2], vec![3, 4]));
    }
}
