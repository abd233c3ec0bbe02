//! Our own mail and letters: whom (contacts), which words, when sent.
