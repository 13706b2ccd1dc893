//! contrib/icinga/director/basket.json: the same arguments and defaults in the Director's form, a field for each variable, and nothing
//! that Director 1.10 refuses.

use super::{Argument, differences, file, icinga2, wanted};
use postmaster_plugins::checks::option_tables;
use serde_json::Value;

fn basket() -> Value {
    serde_json::from_str(&file("contrib/icinga/director/basket.json")).unwrap()
}

fn defined(command: &Value) -> Vec<Argument> {
    let arguments = command["arguments"].as_object().unwrap();
    let mut found: Vec<Argument> = arguments.iter().map(argument).collect();
    found.sort();
    found
}

fn argument((key, body): (&String, &Value)) -> Argument {
    let description = body["description"].as_str();
    assert!(description.is_some_and(|text| !text.is_empty()), "{key}");
    let variable = body.get("value").or(body.get("set_if"));
    Argument {
        key: key.clone(),
        variable: variable.unwrap().as_str().unwrap().to_owned(),
        is_flag: body.get("set_if").is_some(),
        skips_key: body.get("skip_key") == Some(&true.into()),
    }
}

/// The defaults as options, as [`icinga2::defaults`] gives them.
fn defaults(command: &Value) -> Vec<String> {
    let arguments = defined(command);
    let mut line = Vec::new();
    for (name, value) in command["vars"].as_object().unwrap() {
        let variable = format!("${name}$");
        let used = arguments
            .iter()
            .find(|argument| argument.variable == variable);
        let used = used.unwrap_or_else(|| panic!("nothing uses {name}"));
        line.push(used.key.clone());
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        line.extend((!used.is_flag).then_some(text));
    }
    line
}

#[test]
fn the_basket_has_the_same_arguments_and_defaults() {
    let basket = basket();
    for table in option_tables() {
        let name = table.get_name();
        let command = &basket["Command"][name];
        assert_eq!(
            differences(name, &wanted(&table), &defined(command)),
            Vec::<String>::new()
        );
        assert_eq!(defaults(command), icinga2::defaults(name), "{name}");
    }
}

#[test]
fn every_variable_has_a_field() {
    let basket = basket();
    for table in option_tables() {
        let command = &basket["Command"][table.get_name()];
        let fields: Vec<String> = command["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| {
                basket["Datafield"][field["datafield_id"].to_string()]["varname"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        for argument in wanted(&table) {
            let name = argument.variable.trim_matches('$').to_owned();
            assert!(fields.contains(&name), "{name}");
        }
        assert_eq!(fields.len(), wanted(&table).len(), "{}", table.get_name());
    }
}

#[test]
fn nothing_that_director_1_10_refuses() {
    assert!(!file("contrib/icinga/director/basket.json").contains("\"uuid\""));
    for set in basket()["ServiceSet"].as_object().unwrap().values() {
        assert!(set["assign_filter"].is_string(), "{set}");
    }
}
