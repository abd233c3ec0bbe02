// What Google's service sends, also while the program does not run. A new token is told to the program if it runs; if not, it asks for it when it next
// starts. A wake-up is told to the program, and to the person by a notice while the app is out of sight. What a message says is not looked at: whoever
// has the project's key could have sent it, and it makes the phone look, no more.
package dk.segl.wake

import com.google.firebase.messaging.FirebaseMessagingService
import com.google.firebase.messaging.RemoteMessage

class WakeService : FirebaseMessagingService() {
    override fun onNewToken(token: String) {
        Reports.registration(token)
    }

    override fun onMessageReceived(message: RemoteMessage) {
        Reports.woken()
        if (!Reports.seen) Notice.show(this)
    }
}
