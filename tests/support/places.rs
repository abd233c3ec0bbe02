//! A small MaxMind DB file, written by hand after the format's description (MaxMind DB File Format Specification 2.0).

/// A string, a map, a number of the data section.
fn text(value: &str) -> Vec<u8> {
    let length = u8::try_from(value.len()).unwrap();
    assert!(length < 29, "longer strings have another head");
    [&[0x40 | length], value.as_bytes()].concat()
}

fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let head = 0xe0 | u8::try_from(entries.len()).unwrap();
    let body = entries.iter().flat_map(|(key, value)| [text(key), value.clone()].concat());
    std::iter::once(head).chain(body).collect()
}

fn number(kind: u8, value: u64, bytes: usize) -> Vec<u8> {
    let head = if kind < 8 { vec![(kind << 5) | u8::try_from(bytes).unwrap()] } else { vec![u8::try_from(bytes).unwrap(), kind - 7] };
    [head, value.to_be_bytes()[8 - bytes..].to_vec()].concat()
}

/// One network 127.0.0.0/8 of a city and a country, each by language.
///
/// # Panics
/// When a name is too long.
pub fn mmdb(city: &[(&str, &str)], country: &[(&str, &str)]) -> Vec<u8> {
    let names = |names: &[(&str, &str)]| map(&[("names", map(&names.iter().map(|(tag, name)| (*tag, text(name))).collect::<Vec<_>>()))]);
    let data = map(&[("city", names(city)), ("country", names(country))]);
    let nodes: u32 = 8;
    let record = |value: u32| value.to_be_bytes()[1..].to_vec();
    // 127 is 0 and seven times 1: each node leads to the next by its bit, and nowhere by the other.
    let tree = (0..nodes).flat_map(|node| {
        let next = if node + 1 == nodes { nodes + 16 } else { node + 1 };
        let (left, right) = if node == 0 { (next, nodes) } else { (nodes, next) };
        [record(left), record(right)].concat()
    });
    let metadata = map(&[
        ("binary_format_major_version", number(5, 2, 1)),
        ("binary_format_minor_version", number(5, 0, 1)),
        ("build_epoch", number(9, 1_795_377_600, 4)),
        ("database_type", text("Segl-Test-City")),
        ("description", map(&[("en", text("by hand"))])),
        ("ip_version", number(5, 4, 1)),
        ("languages", vec![0x00, 0x04]),
        ("node_count", number(6, nodes.into(), 4)),
        ("record_size", number(5, 24, 1)),
    ]);
    tree.chain([0; 16]).chain(data).chain(*b"\xab\xcd\xefMaxMind.com").chain(metadata).collect()
}
