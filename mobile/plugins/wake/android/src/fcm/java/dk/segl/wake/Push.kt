// Google's SDK, with the operator's own project. One token wakes the app, whichever pairing it is for; it is asked for when a pairing wants to be
// woken, and deleted with the last. Nothing is kept here.
package dk.segl.wake

import android.app.Activity
import android.content.SharedPreferences
import com.google.firebase.messaging.FirebaseMessaging

// What the SDK says where Google's Play services are not: asking later does not help.
private const val NO_PLAY_SERVICES = "MISSING_INSTANCEID_SERVICE"

internal class Push(private val activity: Activity, private val kept: SharedPreferences) {
    /** Google's service does not know the services' keys. */
    fun takes(key: String?): Boolean = true

    fun register(pairing: String, key: String?) {
        val messaging = messaging()
        if (messaging == null) {
            Reports.failed(pairing, false)
            return
        }
        messaging.token.addOnCompleteListener { asked ->
            if (asked.isSuccessful) Reports.registration(asked.result) else Reports.failed(pairing, mayHelp(asked.exception))
        }
    }

    fun forget(pairing: String, last: Boolean) {
        if (last) messaging()?.deleteToken()
    }

    /** Without the values of google-services.json there is no app of Firebase, and nothing to ask. */
    private fun messaging(): FirebaseMessaging? =
        try {
            FirebaseMessaging.getInstance()
        } catch (unset: IllegalStateException) {
            null
        }

    private fun mayHelp(error: Throwable?): Boolean = generateSequence(error) { it.cause }.none { it.message?.contains(NO_PLAY_SERVICES) == true }
}
