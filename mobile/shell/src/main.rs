//! The desktop window. On phones the library is started by the system.

fn main() {
    segl_phone::run();
}
