// Has this app woken through UnifiedPush: by the distributor that the person has chosen, one registration for each pairing, each with the key of its
// own service (RFC 8292). Leave to show notices is asked for once, and no earlier than a pairing wants to be woken. Nothing is kept here but two
// facts: that leave was asked for, and that the person chose no distributor when there were several. The keys of Web Push are the connector's.
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
import org.unifiedpush.android.connector.UnifiedPush

private const val ASKED = "asked"
private const val DECLINED = "declined"

// What the distributor lists the registration as. It does not say whom the person signs for.
private const val LISTED_AS = "Segl"
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

    // Pairings that wait for the choice of a distributor, each with the key of its service. Of the main thread alone.
    private val waiting = LinkedHashMap<String, String>()

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
        val key = args.key
        if (key == null) {
            invoke.reject("no-key")
            return
        }
        activity.runOnUiThread {
            askLeave()
            val choosing = waiting.isNotEmpty()
            waiting[args.pairing] = key
            if (!choosing) choose()
        }
        invoke.resolve(JSObject())
    }

    private fun choose() {
        if (kept.getBoolean(DECLINED, false) && UnifiedPush.getAckDistributor(activity) == null) {
            chosen(false)
            return
        }
        UnifiedPush.tryUseCurrentOrDefaultDistributor(activity) { found ->
            activity.runOnUiThread {
                // Whoever closed the question is not asked it at each start.
                val declined = !found && UnifiedPush.getDistributors(activity).isNotEmpty()
                kept.edit().putBoolean(DECLINED, declined).apply()
                chosen(found)
            }
        }
    }

    private fun chosen(found: Boolean) {
        val all = LinkedHashMap(waiting)
        waiting.clear()
        for ((pairing, key) in all) {
            try {
                if (found) UnifiedPush.register(activity, pairing, LISTED_AS, key) else Reports.failed(pairing, false)
            } catch (refused: UnifiedPush.VapidNotValidException) {
                Reports.failed(pairing, false)
            }
        }
    }

    @Command
    fun forget(invoke: Invoke) {
        val args = invoke.parseArgs(ForgetArgs::class.java)
        activity.runOnUiThread {
            waiting.remove(args.pairing)
            UnifiedPush.unregister(activity, args.pairing)
            if (args.last) kept.edit().remove(DECLINED).apply()
        }
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
