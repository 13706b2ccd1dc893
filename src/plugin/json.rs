//! The JSON envelope that all plugins share. Within a schema number fields are only added. Foreign text stays data: escaped by
//! JSON, not cleaned away.

use super::clean::is_hidden;
use super::limits::Limits;
use super::metric::Metric;
use super::report::Report;
use serde_json::{Value, json};

/// The number of the envelope's schema.
pub const SCHEMA: u32 = 1;

/// `{"schema":1,"check":…,"version":…,"state":…,"summary":…,"metrics":[…],"partial":[…],"facts":…}`, indented, with a newline.
pub fn envelope(name: &str, report: &Report, facts: &Value) -> String {
    let metrics: Vec<Value> = report.metrics.iter().map(metric).collect();
    let document = json!({
        "schema": SCHEMA,
        "check": name,
        "version": env!("CARGO_PKG_VERSION"),
        "state": report.state,
        "summary": report.headline.as_str(),
        "metrics": metrics,
        "partial": report.partial,
        "facts": facts,
    });
    escaped(&format!("{document:#}\n"))
}

/// JSON lets characters pass that drive terminals or turn the direction of writing. They stand in strings only, where `\u` and the
/// number mean the same.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(c);
        }
    }
    text
}

/// One metric; numbers stay exact: whole ones are JSON numbers, others too as long as they are short.
fn metric(metric: &Metric) -> Value {
    let Limits { warning, critical } = metric.limits;
    json!({
        "label": metric.label,
        "value": number(&metric.value.to_string()),
        "unit": metric.unit.symbol(),
        "warning": warning.map(|range| range.to_string()),
        "critical": critical.map(|range| range.to_string()),
        "min": metric.min.map(|value| number(&value.to_string())),
        "max": metric.max.map(|value| number(&value.to_string())),
    })
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::partial::Partial;
    use crate::plugin::state::State;

    const HOSTILE: &str = "a|b\u{1b}é\u{9b}\u{202e}\u{e0041}";

    #[test]
    fn the_envelope() {
        let mut report = Report::new(State::Warning, "x");
        report.metrics = vec![Metric::count("senders", 2)];
        report.partial = vec![Partial::new("a\nb", "cut")];
        let text = envelope("check_x", &report, &json!({"name": HOSTILE}));
        let parsed: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            parsed,
            json!({
                "schema": 1, "check": "check_x", "version": env!("CARGO_PKG_VERSION"), "state": "WARNING", "summary": "x",
                "metrics": [{"label": "senders", "value": 2, "unit": "", "warning": null, "critical": null, "min": 0, "max": null}],
                "partial": [{"what": "a\nb", "why": "cut"}],
                "facts": {"name": HOSTILE},
            })
        );
        assert!(
            text.contains("a|b\\u001bé\\u009b\\u202e\\udb40\\udc41"),
            "{text}"
        );
    }
}
