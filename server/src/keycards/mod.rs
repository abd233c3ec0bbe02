//! Printed key cards: issued, asked, answered, blocked.
