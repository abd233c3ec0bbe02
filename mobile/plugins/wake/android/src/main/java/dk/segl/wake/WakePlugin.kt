// Has this app woken: through UnifiedPush (src/unifiedpush), or through Google's SDK (src/fcm) where whoever builds the app asks for it. Leave to
// show notices is asked for once, and no earlier than a pairing wants to be woken.
package dk.segl.wake

import android.Manifest
import android.app.Activity
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Build
import androidx.appcompat.app.AppCompatActivity
import androidx.lifecycle.Lifecycle
import app.tauri.annotation.Command
import app.tauri.annotation.InvokeArg
import app.tauri.annotation.TauriPlugin
import app.tauri.plugin.Channel
import app.tauri.plugin.Invoke
import app.tauri.plugin.JSObject
import app.tauri.plugin.Plugin

private const val ASKED = "asked"
private const val LEAVE = 7301

@InvokeArg
class WatchArgs {
    lateinit var handler: Channel
}

@InvokeArg
class RegisterArgs {
    lateinit var pairing: String
    var key: String? = null
}

@InvokeArg
class ForgetArgs {
    lateinit var pairing: String
    var last: Boolean = false
}

@TauriPlugin
class WakePlugin(private val activity: Activity) : Plugin(activity) {
    private val kept = activity.getSharedPreferences("dk.segl.wake", Context.MODE_PRIVATE)

    private val push = Push(activity, kept)

    @Command
    fun watch(invoke: Invoke) {
        Reports.hear(invoke.parseArgs(WatchArgs::class.java).handler)
        // The app may have come into sight before this plugin was there.
        Reports.seen = (activity as? AppCompatActivity)?.lifecycle?.currentState == Lifecycle.State.RESUMED
        if (Notice.opened(activity.intent)) Reports.woken()
        invoke.resolve(JSObject())
    }

    @Command
    fun register(invoke: Invoke) {
        val args = invoke.parseArgs(RegisterArgs::class.java)
        if (!push.takes(args.key)) {
            invoke.reject("no-key")
            return
        }
        activity.runOnUiThread {
            askLeave()
            push.register(args.pairing, args.key)
        }
        invoke.resolve(JSObject())
    }

    @Command
    fun forget(invoke: Invoke) {
        val args = invoke.parseArgs(ForgetArgs::class.java)
        activity.runOnUiThread { push.forget(args.pairing, args.last) }
        invoke.resolve(JSObject())
    }

    private fun askLeave() {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU || kept.getBoolean(ASKED, false)) return
        if (activity.checkSelfPermission(Manifest.permission.POST_NOTIFICATIONS) == PackageManager.PERMISSION_GRANTED) return
        kept.edit().putBoolean(ASKED, true).apply()
        activity.requestPermissions(arrayOf(Manifest.permission.POST_NOTIFICATIONS), LEAVE)
    }

    override fun onNewIntent(intent: Intent) {
        if (Notice.opened(intent)) Reports.woken()
    }

    override fun onResume(activity: AppCompatActivity) {
        Reports.seen = true
        Notice.clear(activity)
    }

    override fun onPause(activity: AppCompatActivity) {
        Reports.seen = false
    }
}
