// Two keys of P-256 in Android's Keystore for each pairing: one signs, one agrees. StrongBox where there is one, else the TEE; a key in software
// is refused. Each use of the signing key is unlocked by a prompt of its own; the system cannot bind one prompt to an agreement, so the agreeing
// key is usable for ten seconds after a prompt, or after the phone was unlocked. The phone's own code opens both too, so a new finger ends nothing
// (`setInvalidatedByBiometricEnrollment` is for keys that fingers alone open); removing the screen lock makes both useless.
package dk.segl.devicekey

import android.app.Activity
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import android.util.Base64
import androidx.appcompat.app.AppCompatActivity
import androidx.biometric.BiometricManager.Authenticators
import androidx.biometric.BiometricPrompt
import androidx.core.content.ContextCompat
import app.tauri.annotation.Command
import app.tauri.annotation.InvokeArg
import app.tauri.annotation.TauriPlugin
import app.tauri.plugin.Invoke
import app.tauri.plugin.JSArray
import app.tauri.plugin.JSObject
import app.tauri.plugin.Plugin
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.security.UnrecoverableKeyException
import java.security.cert.X509Certificate
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import javax.crypto.KeyAgreement
import kotlin.concurrent.thread

private const val STORE = "AndroidKeyStore"
private const val AGREE_SECONDS = 10

@InvokeArg
class CreateArgs {
    lateinit var alias: String
    lateinit var challenge: String
}

@InvokeArg
class NamedArgs {
    lateinit var alias: String
}

@InvokeArg
class SignArgs {
    lateinit var alias: String
    lateinit var message: String
    lateinit var reason: String
}

@InvokeArg
class AgreeArgs {
    lateinit var alias: String
    lateinit var peer: String
    lateinit var reason: String
}

@TauriPlugin
class DeviceKeyPlugin(private val activity: Activity) : Plugin(activity) {
    private val store: KeyStore = KeyStore.getInstance(STORE).apply { load(null) }

    private fun signing(alias: String) = "segl.$alias.sign"

    private fun agreeing(alias: String) = "segl.$alias.agree"

    @Command
    fun create(invoke: Invoke) {
        val args = invoke.parseArgs(CreateArgs::class.java)
        // A security chip takes seconds to make keys: never on the thread of the screens, on which commands come.
        thread {
            if (store.containsAlias(signing(args.alias))) {
                invoke.reject("already-there")
                return@thread
            }
            try {
                generate(signing(args.alias), KeyProperties.PURPOSE_SIGN, decode(args.challenge))
                generate(agreeing(args.alias), KeyProperties.PURPOSE_AGREE_KEY, decode(args.challenge))
                val answer = keys(args.alias)
                answer.put("attestation", JSArray(attestation(args.alias).map { encode(it) }))
                invoke.resolve(answer)
            } catch (error: Exception) {
                remove(args.alias)
                reject(invoke, error)
            }
        }
    }

    /**
     * What the hardware says of both keys, as the service reads it: the signing key's certificate, the agreeing key's, and what leads from them to the
     * maker's root, each once. The root itself the service has.
     */
    private fun attestation(alias: String): List<ByteArray> {
        val chains = listOf(signing(alias), agreeing(alias)).map { name -> store.getCertificateChain(name).orEmpty().map { it as X509Certificate } }
        val leaves = chains.mapNotNull { it.firstOrNull() }
        val above = chains.flatMap { it.drop(1) }.distinct().filter { it.subjectX500Principal != it.issuerX500Principal }
        return (leaves + above).map { it.encoded }
    }

    private fun generate(name: String, purpose: Int, challenge: ByteArray) {
        try {
            generate(name, purpose, challenge, true)
        } catch (unavailable: StrongBoxUnavailableException) {
            generate(name, purpose, challenge, false)
        }
    }

    private fun generate(name: String, purpose: Int, challenge: ByteArray, strongBox: Boolean) {
        val seconds = if (purpose == KeyProperties.PURPOSE_SIGN) 0 else AGREE_SECONDS
        val kinds = KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL
        val builder = KeyGenParameterSpec.Builder(name, purpose)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setUserAuthenticationRequired(true)
            .setUserAuthenticationParameters(seconds, kinds)
            .setUnlockedDeviceRequired(true)
            .setAttestationChallenge(challenge)
            .setIsStrongBoxBacked(strongBox)
        if (purpose == KeyProperties.PURPOSE_SIGN) builder.setDigests(KeyProperties.DIGEST_SHA256)
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, STORE).apply { initialize(builder.build()) }.generateKeyPair()
    }

    @Command
    fun publicKey(invoke: Invoke) {
        val args = invoke.parseArgs(NamedArgs::class.java)
        try {
            invoke.resolve(keys(args.alias))
        } catch (error: Exception) {
            reject(invoke, error)
        }
    }

    @Command
    fun sign(invoke: Invoke) {
        val args = invoke.parseArgs(SignArgs::class.java)
        try {
            val signature = Signature.getInstance("SHA256withECDSA").apply { initSign(privateKey(signing(args.alias))) }
            prompt(invoke, args.reason, BiometricPrompt.CryptoObject(signature)) { unlocked ->
                val signer = unlocked?.signature ?: throw IllegalStateException("the prompt gives back what it was given")
                signer.update(decode(args.message))
                invoke.resolve(JSObject().apply { put("signature", encode(signer.sign())) })
            }
        } catch (error: Exception) {
            reject(invoke, error)
        }
    }

    @Command
    fun agree(invoke: Invoke) {
        val args = invoke.parseArgs(AgreeArgs::class.java)
        thread {
            try {
                invoke.resolve(agreed(args))
            } catch (locked: UserNotAuthenticatedException) {
                prompt(invoke, args.reason, null) { invoke.resolve(agreed(args)) }
            } catch (error: Exception) {
                reject(invoke, error)
            }
        }
    }

    private fun agreed(args: AgreeArgs): JSObject {
        val agreement = KeyAgreement.getInstance("ECDH", STORE)
        agreement.init(privateKey(agreeing(args.alias)))
        agreement.doPhase(point(decode(args.peer)), true)
        return JSObject().apply { put("secret", encode(agreement.generateSecret())) }
    }

    @Command
    fun destroy(invoke: Invoke) {
        remove(invoke.parseArgs(NamedArgs::class.java).alias)
        invoke.resolve(JSObject())
    }

    private fun remove(alias: String) {
        for (name in listOf(signing(alias), agreeing(alias))) if (store.containsAlias(name)) store.deleteEntry(name)
    }

    private fun keys(alias: String): JSObject {
        val levels = listOf(signing(alias), agreeing(alias)).map { level(privateKey(it)) }
        return JSObject().apply {
            put("sign", encode(sec1(signing(alias))))
            put("agree", encode(sec1(agreeing(alias))))
            // The weaker of the two is what is said.
            put("protection", if (levels.all { it == "strongbox" }) "strongbox" else "tee")
        }
    }

    private fun level(key: PrivateKey): String {
        val info = KeyFactory.getInstance(key.algorithm, STORE).getKeySpec(key, KeyInfo::class.java)
        return when (info.securityLevel) {
            KeyProperties.SECURITY_LEVEL_STRONGBOX -> "strongbox"
            KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT -> "tee"
            else -> throw IllegalStateException("the keys rest in software")
        }
    }

    private fun privateKey(name: String): PrivateKey = store.getKey(name, null) as? PrivateKey ?: throw KeyPermanentlyInvalidatedException()

    private fun sec1(name: String): ByteArray {
        val point = (store.getCertificate(name).publicKey as ECPublicKey).w
        return byteArrayOf(4) + coordinate(point.affineX) + coordinate(point.affineY)
    }

    private fun coordinate(value: BigInteger): ByteArray {
        val bytes = value.toByteArray().dropWhile { it == 0.toByte() }.toByteArray()
        return ByteArray(32 - bytes.size) + bytes
    }

    private fun point(sec1: ByteArray): ECPublicKey {
        require(sec1.size == 65 && sec1[0] == 4.toByte()) { "no uncompressed point" }
        val curve = AlgorithmParameters.getInstance("EC").apply { init(ECGenParameterSpec("secp256r1")) }
        val point = ECPoint(BigInteger(1, sec1.copyOfRange(1, 33)), BigInteger(1, sec1.copyOfRange(33, 65)))
        val spec = ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec::class.java))
        return KeyFactory.getInstance("EC").generatePublic(spec) as ECPublicKey
    }

    private fun prompt(invoke: Invoke, reason: String, crypto: BiometricPrompt.CryptoObject?, then: (BiometricPrompt.CryptoObject?) -> Unit) {
        activity.runOnUiThread {
            val window = activity as AppCompatActivity
            // The prompt of a window that goes away asks nobody and answers nothing: whoever waits for it would wait for good.
            if (window.isFinishing || window.isDestroyed || window.supportFragmentManager.isStateSaved) {
                invoke.reject("cancelled")
                return@runOnUiThread
            }
            val answered = object : BiometricPrompt.AuthenticationCallback() {
                override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult) {
                    thread {
                        try {
                            then(result.cryptoObject)
                        } catch (error: Exception) {
                            reject(invoke, error)
                        }
                    }
                }

                override fun onAuthenticationError(code: Int, text: CharSequence) {
                    val lockedOut = code == BiometricPrompt.ERROR_LOCKOUT || code == BiometricPrompt.ERROR_LOCKOUT_PERMANENT
                    invoke.reject(if (lockedOut) "locked" else "cancelled")
                }
            }
            val words = BiometricPrompt.PromptInfo.Builder()
                .setTitle(reason)
                .setAllowedAuthenticators(Authenticators.BIOMETRIC_STRONG or Authenticators.DEVICE_CREDENTIAL)
                .build()
            val host = BiometricPrompt(window, ContextCompat.getMainExecutor(activity), answered)
            if (crypto == null) host.authenticate(words) else host.authenticate(words, crypto)
        }
    }

    private fun reject(invoke: Invoke, error: Exception) {
        invoke.reject(
            when (error) {
                is KeyPermanentlyInvalidatedException, is UnrecoverableKeyException -> "gone"
                is UserNotAuthenticatedException -> "locked"
                else -> "not-available"
            },
        )
    }

    private fun decode(text: String): ByteArray = Base64.decode(text, Base64.URL_SAFE or Base64.NO_PADDING or Base64.NO_WRAP)

    private fun encode(bytes: ByteArray): String = Base64.encodeToString(bytes, Base64.URL_SAFE or Base64.NO_PADDING or Base64.NO_WRAP)
}
