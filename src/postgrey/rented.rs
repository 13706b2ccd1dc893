//! Names under which hosters rent out machines and that the Public Suffix List lacks: what lies below one of them belongs to many.

/// The names, with their source and the rule that they follow.
const TABLE: &str = include_str!("rented.txt");

/// The names of the table.
fn names() -> impl Iterator<Item = &'static str> {
    let lines = TABLE.lines();
    let names = lines.filter_map(|line| line.split('#').next().map(str::trim));
    names.filter(|name| !name.is_empty())
}

/// Whether all below `suffix` (lower case) is more than one customer's: it is such a name, lies below one or has one below it.
pub fn is_shared(suffix: &str) -> bool {
    names().any(|name| covers(name, suffix) || covers(suffix, name))
}

/// Whether `name` (lower case) is such a name or has one below it, and so is no customer's machine.
pub fn holds(name: &str) -> bool {
    names().any(|known| covers(name, known))
}

/// Whether `name` is `suffix` or lies below it.
fn covers(suffix: &str, name: &str) -> bool {
    name.strip_suffix(suffix)
        .is_some_and(|head| head.is_empty() || head.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgrey::domain::{is_public_suffix, private_suffix, registrable};
    use crate::postgrey::suffix::is_host_name;

    #[test]
    fn names_are_sorted_and_none_is_in_the_public_suffix_list() {
        let all: Vec<&str> = names().collect();
        assert!(all.len() >= 40 && all.is_sorted());
        for (n, name) in all.iter().enumerate() {
            assert!(is_host_name(name) && !is_public_suffix(name), "{name}");
            assert!(registrable(name).is_some(), "{name}");
            assert_eq!(private_suffix(&format!("4.3.2.1.{name}")), None, "{name}");
            let others = all[..n].iter().chain(&all[n + 1..]);
            assert!(others.clone().all(|other| !covers(other, name)), "{name}");
        }
    }

    #[test]
    fn sides_of_a_name() {
        for (name, shared, held) in [
            ("clients.your-server.de", true, true),
            ("2.88.clients.your-server.de", true, false),
            ("your-server.de", true, true),
            ("de", true, true),
            ("mail.your-server.de", false, false),
            ("xclients.your-server.de", false, false),
            ("clients.my-server.de", false, false),
            ("westeurope.cloudapp.azure.com", true, false),
            ("mail.azure.com", false, false),
            ("secureserver.net", true, true),
            ("prod.phx3.secureserver.net", false, false),
            ("vultrusercontent.com", true, true),
            ("notvultr.com", false, false),
        ] {
            assert_eq!((is_shared(name), holds(name)), (shared, held), "{name}");
        }
    }
}
