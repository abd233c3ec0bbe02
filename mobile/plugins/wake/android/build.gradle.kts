import groovy.json.JsonSlurper
import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

// Google's SDK in place of UnifiedPush, where whoever builds the app gives the file of a project of their own at Google:
// segl.fcm=google-services.json in gen/android/gradle.properties, below gen/android. The Rust half is then built with the feature `fcm`.
val fcm: String? = providers.gradleProperty("segl.fcm").orNull?.takeIf { it.isNotBlank() }
val push = if (fcm == null) "unifiedpush" else "fcm"

/** What Google's own plugin for Gradle makes of that file: the names are those that the SDK reads at its start. */
fun valuesOf(file: String): Map<String, String> {
    val text = providers.fileContents(rootProject.layout.projectDirectory.file(file)).asText.orNull ?: error("$file is not there")
    val read = JsonSlurper().parseText(text) as Map<*, *>
    val project = read["project_info"] as Map<*, *>
    val clients = (read["client"] as List<*>).map { it as Map<*, *> }
    val client = clients.firstOrNull {
        val about = (it["client_info"] as Map<*, *>)["android_client_info"] as? Map<*, *>
        about?.get("package_name") == "dk.segl.phone"
    } ?: error("$file knows no app dk.segl.phone")
    return mapOf(
        "google_app_id" to (client["client_info"] as Map<*, *>)["mobilesdk_app_id"],
        "google_api_key" to ((client["api_key"] as List<*>).first() as Map<*, *>)["current_key"],
        "gcm_defaultSenderId" to project["project_number"],
        "project_id" to project["project_id"],
    ).mapValues { (name, value) -> value?.toString() ?: error("$file says no $name") }
}

android {
    namespace = "dk.segl.wake"
    // The connector asks for it; the app is compiled with it too.
    compileSdk = 37

    defaultConfig {
        minSdk = 31
        if (fcm != null) valuesOf(fcm).forEach { (name, value) -> resValue("string", name, value) }
    }
    buildFeatures {
        resValues = fcm != null
    }
    sourceSets.getByName("main") {
        manifest.srcFile("src/$push/AndroidManifest.xml")
        java.srcDir("src/$push/java")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_17
    }
}

dependencies {
    if (fcm != null) {
        implementation("com.google.firebase:firebase-messaging:25.0.1")
    } else {
        implementation("org.unifiedpush.android:connector:3.3.5")
        // A distributor inside the app, for phones that have none: it has Google's Play services, if they are there, deliver Web Push, without an
        // SDK or a project of Google's. Only where whoever builds the app asks for it: segl.google=true in gen/android/gradle.properties.
        if (providers.gradleProperty("segl.google").orNull == "true") {
            implementation("org.unifiedpush.android:embedded-fcm-distributor:3.1.0")
        }
    }
    implementation("androidx.appcompat:appcompat:1.7.0")
    implementation(project(":tauri-android"))
}
