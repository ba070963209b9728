//! Lists in pages: `{"items": […], "next": cursor or null}` with `?limit=&cursor=`.

use serde::{Deserialize, Serialize};

use super::problem::{Answer, Problem};

const NOT_OURS: &str = "is not one that this list gave";

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// What to ask for as `cursor` to get the next page; null on the last one.
    pub next: Option<String>,
}

/// Which page is asked for.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items, 1 to 200 [default: 50].
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// Gives how many items are asked for.
    pub fn limit(&self) -> Answer<i64> {
        match self.limit.unwrap_or(50) {
            limit @ 1..=200 => Ok(limit),
            _ => Err(Problem::invalid("limit", "must be from 1 to 200")),
        }
    }

    /// Reads the cursor as how many were given before.
    pub fn stretch(&self) -> Answer<Stretch> {
        let behind = self.cursor::<1>()?.map_or(0, |[behind]| behind);
        let behind = usize::try_from(behind).map_err(|_| Problem::invalid("cursor", NOT_OURS))?;
        let limit = usize::try_from(self.limit()?).unwrap_or_default();
        Ok(Stretch { behind, limit })
    }

    /// Reads the cursor as whole numbers joined by dots; `None` on the first page.
    pub fn cursor<const N: usize>(&self) -> Answer<Option<[i64; N]>> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let numbers: Option<Vec<i64>> = text.split('.').map(|part| part.parse().ok()).collect();
        let numbers = numbers.and_then(|numbers| <[i64; N]>::try_from(numbers).ok());
        numbers.map(Some).ok_or_else(|| Problem::invalid("cursor", NOT_OURS))
    }
}

/// A part of a list that is worked out anew for each page: so many, behind so many.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    behind: usize,
    limit: usize,
}

impl Stretch {
    /// Gives how much of the list must be worked out.
    pub fn end(self) -> usize {
        self.behind.saturating_add(self.limit)
    }

    /// Cuts it out of the beginning of a list of `total`; also gives the cursor of the next one.
    pub fn cut<T>(self, mut beginning: Vec<T>, total: usize) -> (Vec<T>, Option<String>) {
        beginning.truncate(self.end());
        let next = (beginning.len() > self.behind && beginning.len() < total).then(|| beginning.len().to_string());
        beginning.drain(..self.behind.min(beginning.len()));
        (beginning, next)
    }
}

impl<T> Page<T> {
    /// Makes a page of what was found when one more than `limit` was looked for; `cursor` tells an item's place.
    pub fn cut<const N: usize>(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> [i64; N]) -> Page<T> {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| cursor(last).map(|n| n.to_string()).join("."));
        Page { items, next }
    }

    /// Makes a page of a list that is short and given whole.
    pub fn whole(items: Vec<T>) -> Page<T> {
        Page { items, next: None }
    }

    /// Makes the same page of something else.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(make).collect(),
            next: self.next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_whether_there_is_more() {
        let page = Page::cut(vec![5, 4, 3], 2, |n| [*n, 7]);
        assert_eq!((page.items, page.next.as_deref()), (vec![5, 4], Some("4.7")));
        assert_eq!(Page::cut(vec![5, 4], 2, |n| [*n]).next, None);
        let query = PageQuery {
            limit: None,
            cursor: Some("4.7".to_owned()),
        };
        assert_eq!(query.cursor::<2>().unwrap(), Some([4, 7]));
        assert!(query.cursor::<1>().is_err());
    }

    #[test]
    fn a_stretch_goes_on_until_all_were_given() {
        let stretch = |cursor: Option<&str>| {
            let query = PageQuery {
                limit: Some(2),
                cursor: cursor.map(str::to_owned),
            };
            query.stretch().unwrap()
        };
        let list = |stretch: Stretch| (1..=5).take(stretch.end()).collect::<Vec<_>>();
        let next = |told: &str| Some(told.to_owned());
        for (cursor, given) in [
            (None, (vec![1, 2], next("2"))),
            (Some("2"), (vec![3, 4], next("4"))),
            (Some("4"), (vec![5], None)),
            (Some("9"), (vec![], None)),
        ] {
            let stretch = stretch(cursor);
            assert_eq!(stretch.cut(list(stretch), 5), given);
        }
        let wrong = PageQuery {
            limit: None,
            cursor: Some("-1".to_owned()),
        };
        assert!(wrong.stretch().is_err());
    }
}
