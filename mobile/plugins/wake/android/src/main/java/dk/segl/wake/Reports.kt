// What both ways of being woken tell the program.
package dk.segl.wake

import app.tauri.plugin.Channel
import app.tauri.plugin.JSObject

/** The way to the program, while it runs. */
internal object Reports {
    @Volatile
    private var handler: Channel? = null

    /** Whether the person sees the app. */
    @Volatile
    var seen = false

    fun hear(handler: Channel) {
        this.handler = handler
    }

    fun endpoint(pairing: String, endpoint: String, publicKey: String, secret: String) = tell("endpoint") {
        put("pairing", pairing)
        put("endpoint", endpoint)
        put("publicKey", publicKey)
        put("secret", secret)
    }

    /** Google's service knows the app, and by one token every pairing of it. */
    fun registration(token: String) = tell("registration") { put("token", token) }

    fun failed(pairing: String, again: Boolean) = tell("failed") {
        put("pairing", pairing)
        put("again", again)
    }

    fun gone(pairing: String) = tell("gone") { put("pairing", pairing) }

    fun woken() = tell("woken") {}

    private fun tell(kind: String, fill: JSObject.() -> Unit) {
        handler?.send(JSObject().apply { put("kind", kind) }.apply(fill))
    }
}
