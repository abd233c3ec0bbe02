// UnifiedPush: by the distributor that the person has chosen, one registration for each pairing, each with the key of its own service (RFC 8292).
// Nothing is kept here but one fact: that the person chose no distributor when there were several. The keys of Web Push are the connector's.
package dk.segl.wake

import android.app.Activity
import android.content.SharedPreferences
import org.unifiedpush.android.connector.UnifiedPush

private const val DECLINED = "declined"

// What the distributor lists the registration as. It does not say whom the person signs for.
private const val LISTED_AS = "Segl"

internal class Push(private val activity: Activity, private val kept: SharedPreferences) {
    // Pairings that wait for the choice of a distributor, each with the key of its service. Of the main thread alone.
    private val waiting = LinkedHashMap<String, String>()

    fun takes(key: String?): Boolean = key != null

    /** On the main thread alone. */
    fun register(pairing: String, key: String?) {
        val choosing = waiting.isNotEmpty()
        waiting[pairing] = key ?: return
        if (!choosing) choose()
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

    /** On the main thread alone. */
    fun forget(pairing: String, last: Boolean) {
        waiting.remove(pairing)
        UnifiedPush.unregister(activity, pairing)
        if (last) kept.edit().remove(DECLINED).apply()
    }
}
