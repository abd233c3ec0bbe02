//! People in companies: invited, enrolled, changed, left.
