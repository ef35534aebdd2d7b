@echo off
rem Starts webui.py with a suitable Python, for hands that are used to webui.bat and webui-user.bat.
setlocal
cd /d "%~dp0"
if "%PYTHON%"=="" (
    where py >nul 2>nul && (set "PYTHON=py -3") || (set "PYTHON=python")
)
%PYTHON% webui.py %*
exit /b %ERRORLEVEL%
