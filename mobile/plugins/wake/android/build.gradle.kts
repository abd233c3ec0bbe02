import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "dk.segl.wake"
    // The connector asks for it; the app is compiled with it too.
    compileSdk = 37

    defaultConfig {
        minSdk = 31
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
    implementation("org.unifiedpush.android:connector:3.3.5")
    // A distributor inside the app, for phones that have none: it has Google's Play services, if they are there, deliver Web Push, without an SDK
    // or a project of Google's. Only where whoever builds the app asks for it: segl.google=true in gen/android/gradle.properties.
    if (providers.gradleProperty("segl.google").orNull == "true") {
        implementation("org.unifiedpush.android:embedded-fcm-distributor:3.1.0")
    }
    implementation("androidx.appcompat:appcompat:1.7.0")
    implementation(project(":tauri-android"))
}
