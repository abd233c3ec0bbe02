// What the distributor sends, handed on by the connector, also while the program does not run. A new address is told to the program if it runs; if
// not, it asks for its address when it next starts. A wake-up is told to the program, and to the person by a notice while the app is out of sight.
package dk.segl.wake

import org.unifiedpush.android.connector.FailedReason
import org.unifiedpush.android.connector.PushService
import org.unifiedpush.android.connector.data.PushEndpoint
import org.unifiedpush.android.connector.data.PushMessage

class WakeService : PushService() {
    override fun onNewEndpoint(endpoint: PushEndpoint, instance: String) {
        val keys = endpoint.pubKeySet
        if (keys == null) Reports.failed(instance, false) else Reports.endpoint(instance, endpoint.url, keys.pubKey, keys.auth)
    }

    override fun onMessage(message: PushMessage, instance: String) {
        // Whoever knows the address alone cannot ring: only the service has the keys. What the message says is not looked at.
        if (!message.decrypted) return
        Reports.woken()
        if (!Reports.seen) Notice.show(this)
    }

    override fun onRegistrationFailed(reason: FailedReason, instance: String) {
        Reports.failed(instance, reason == FailedReason.NETWORK || reason == FailedReason.INTERNAL_ERROR)
    }

    override fun onUnregistered(instance: String) {
        Reports.gone(instance)
    }
}
