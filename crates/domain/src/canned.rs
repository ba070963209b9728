//! Canned replies: putting the customer's name and the like into a text.

/// Fills the `{{ names }}` of a text with what `known` gives.
///
/// A name that nothing, or nothing but white space, is known for is left out and told, so that no customer ever reads a pair
/// of braces. Braces that are never closed are text.
pub fn render(text: &str, known: impl Fn(&str) -> Option<String>) -> (String, Vec<String>) {
    let mut out = String::with_capacity(text.len());
    let mut missing = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        out.push_str(before);
        let name = name.trim();
        match known(name).filter(|value| !value.trim().is_empty()) {
            Some(value) => out.push_str(&value),
            None if missing.iter().any(|known| known == name) => {}
            None => missing.push(name.to_owned()),
        }
        rest = after;
    }
    out.push_str(rest);
    (out, missing)
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn names_are_filled_in_and_what_is_missing_is_told() {
        let known = |name: &str| match name {
            "customer.name" => Some("Zoë {{ agent.name }}".to_owned()),
            "customer.tier" => Some(" ".to_owned()),
            _ => None,
        };
        let table: [(&str, &str, &[&str]); 6] = [
            ("Hi {{customer.name}}!", "Hi Zoë {{ agent.name }}!", &[]),
            ("Hi {{ customer.name }}!", "Hi Zoë {{ agent.name }}!", &[]),
            ("{{a}}{{ a }}{{customer.tier}}.", ".", &["a", "customer.tier"]),
            ("open {{ brace", "open {{ brace", &[]),
            ("a }} b", "a }} b", &[]),
            ("", "", &[]),
        ];
        for (text, expected, missing) in table {
            let (out, told) = render(text, known);
            assert_eq!(
                (out.as_str(), told),
                (expected, missing.iter().map(|name| (*name).to_owned()).collect()),
                "{text}"
            );
        }
    }
}
