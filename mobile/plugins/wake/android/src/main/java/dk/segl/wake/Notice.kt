// The notice of a wake-up. Its words are the app's own, the same for every request: nothing of a message is in it, so the locked screen may show it.
package dk.segl.wake

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent

private const val CHANNEL = "wake"
private const val NOTICE = 1
private const val OPENED = "dk.segl.wake.OPENED"

// As long as a request lives that nobody gave more time.
private const val MILLISECONDS = 120_000L

internal object Notice {
    /** A newer notice takes the place of the one before it. Without the person's leave the system shows none. */
    fun show(context: Context) {
        val manager = context.getSystemService(NotificationManager::class.java)
        val name = context.getString(R.string.segl_wake_channel)
        manager.createNotificationChannel(NotificationChannel(CHANNEL, name, NotificationManager.IMPORTANCE_HIGH))
        val open = context.packageManager.getLaunchIntentForPackage(context.packageName) ?: return
        open.putExtra(OPENED, true)
        val flags = PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT
        val notice = Notification.Builder(context, CHANNEL)
            .setSmallIcon(R.drawable.segl_wake)
            .setContentTitle(context.getString(R.string.segl_wake_title))
            .setContentText(context.getString(R.string.segl_wake_text))
            .setContentIntent(PendingIntent.getActivity(context, NOTICE, open, flags))
            .setAutoCancel(true)
            .setVisibility(Notification.VISIBILITY_PUBLIC)
            .setTimeoutAfter(MILLISECONDS)
            .build()
        manager.notify(NOTICE, notice)
    }

    fun clear(context: Context) {
        context.getSystemService(NotificationManager::class.java).cancel(NOTICE)
    }

    /** Whether the app was opened by the notice. */
    fun opened(intent: Intent?): Boolean = intent?.getBooleanExtra(OPENED, false) == true
}
