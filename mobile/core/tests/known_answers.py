"""Prints the known answers of known_answers.rs: the construction of the crate's page once more, on Python's own hmac."""
import hashlib
import hmac
import string


def words(secret, label, context, size):
    counter = 0
    while True:
        block = hmac.new(secret, label + context + counter.to_bytes(4, "big"), hashlib.sha256).digest()
        for start in range(0, 32, size):
            yield int.from_bytes(block[start:start + size], "big")
        counter += 1


def below(stream, limit, bound):
    return next(word for word in stream if word < limit) % bound


def card(secret):
    value = below(words(secret, b"segl/keycard/v1/card", b"", 8), 18_446_744_056_000_000_000, 26 * 10**9)
    letter, digits = divmod(value, 10**9)
    numbers, stream = set(), words(secret, b"segl/keycard/v1/number", b"", 2)
    while len(numbers) < 148:
        numbers.add(below(stream, 60_000, 10_000))
    pairs = []
    for number in sorted(numbers):
        stream = words(secret, b"segl/keycard/v1/key", number.to_bytes(2, "big"), 4)
        pairs.append(f"{number:04} {below(stream, 4_294_000_000, 10**6):06}")
    return f"{string.ascii_uppercase[letter]}{digits:09}", pairs


def rejects_a_key(secret):
    _, pairs = card(secret)
    for pair in pairs:
        first = next(words(secret, b"segl/keycard/v1/key", int(pair[:4]).to_bytes(2, "big"), 4))
        if first >= 4_294_000_000:
            return pair
    return None


def show(name, secret):
    number, pairs = card(secret)
    digest = hashlib.sha256("\n".join(pairs).encode()).hexdigest()
    print(name, secret.hex(), number, pairs[0], pairs[1], pairs[36], pairs[37], pairs[147], digest, sep="\n  ")


assert 2**64 - 2**64 % (26 * 10**9) == 18_446_744_056_000_000_000
show("zeros", bytes(32))
show("counting", bytes(range(32)))
seed = next(n for n in range(10_000) if rejects_a_key(n.to_bytes(32, "big")))
show(f"rejecting, at {rejects_a_key(seed.to_bytes(32, 'big'))}", seed.to_bytes(32, "big"))
